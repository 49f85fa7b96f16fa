"""Random numbers inside compiled loops; all chance of a search follows from one seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routing.engine.kernel import kernel


def seeded(seed: int) -> NDArray[np.uint64]:
    """Return the state of a generator: ``(1,)`` uint64, not 0."""
    state = np.random.SeedSequence(seed).generate_state(1, np.uint64)
    return np.maximum(state, np.uint64(1))


@kernel
def draw(state: NDArray[np.uint64]) -> float:
    """Return the next number in [0, 1): xorshift64 (Marsaglia 2003)."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return (x >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def below(state: NDArray[np.uint64], count: int) -> int:
    """Return a whole number in ``0 … count - 1``."""
    return int(draw(state) * count)


@kernel
def blinks(state: NDArray[np.uint64], until: NDArray[np.int64], share: float) -> bool:
    """Return True once in a while, ``share`` of all calls; ``until`` counts down to the next."""
    if until[0] > 0:
        until[0] -= 1
        return False
    until[0] = int(np.log(1.0 - draw(state)) / np.log(1.0 - share)) if share > 0.0 else 2**40
    return until[0] > 0
