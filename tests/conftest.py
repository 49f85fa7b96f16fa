"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# On a busy machine any example may take long; how fast things are is measured in tests/bench.
settings.register_profile("milkrun", deadline=None)
settings.load_profile("milkrun")
