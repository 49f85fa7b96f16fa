from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.firm import assortment, order_book
from dispatch.firm.assortment import Use
from dispatch.firm.order_book import HEAVY, TOO_EARLY
from dispatch.firm.premises import VAN_G, VAN_ML, VANS
from tests.dispatch import town

GROUND = town.ground()
ITEMS = assortment.items()


@settings(max_examples=50)
@given(st.integers(0, 2**32))
def test_every_seed_gives_a_morning_of_the_same_figures(seed: int) -> None:
    orders = order_book.drawn(GROUND, ITEMS, np.random.default_rng(seed))
    assert [order.number for order in orders] == list(range(1, 121))
    assert sum(len(order.lines) for order in orders) == 310
    assert {order.workshop for order in orders} == set(range(45))
    assert Counter(order.warehouse for order in orders) == {0: 80, 1: 40}
    uses = Counter(use for order in orders for use in Use if order.has(use))
    usual = uses.pop(Use.USUAL)
    assert uses == {Use.CORE: 14, Use.DANGEROUS: 6, Use.SCARCE: 4, Use.HEAVY: 1}
    assert usual > 100

    for order in orders:
        assert len({line.item.number for line in order.lines}) == len(order.lines) > 0
        if order.has(Use.DANGEROUS):
            assert (order.warehouse, order.earliest, order.latest) == (1, None, None)
        if order.has(Use.SCARCE):
            assert (order.warehouse, len(order.lines) > 1) == (0, True)
    (heavy,) = orders[HEAVY - 1].lines
    assert (heavy.item.weight_g, heavy.quantity) == (380_000, 1)
    assert orders[TOO_EARLY - 1].workshop == GROUND.farthest()


@settings(max_examples=50)
@given(st.integers(0, 2**32))
def test_the_vans_of_each_depot_can_carry_its_morning(seed: int) -> None:
    orders = order_book.drawn(GROUND, ITEMS, np.random.default_rng(seed))
    for warehouse, vans in enumerate(VANS):
        lines = [line for order in orders if order.warehouse == warehouse for line in order.lines]
        assert sum(line.item.weight_g * line.quantity for line in lines) < vans * VAN_G
        assert sum(line.item.volume_ml * line.quantity for line in lines) < vans * VAN_ML
