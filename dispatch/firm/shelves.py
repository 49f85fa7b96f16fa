"""What the made-up firm sells, in its catalogue, and what of it lies in which bin of each depot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from dispatch.catalogue import hazards, numbers, parts, prices, supersession
from dispatch.catalogue.parts import Tracking
from dispatch.firm.assortment import Item, Use
from dispatch.firm.order_book import BookOrder
from dispatch.intake import goods_in
from dispatch.stock import incoming
from dispatch.stock.receiving import Goods

_SPARE = (3, 15)
"""So many more than the morning's orders want are there of each part, from and up to."""


def list_parts(session: Session, items: Collection[Item], valid_from: datetime) -> dict[str, UUID]:
    """Take all parts into the catalogue; return their keys by number."""
    ids = {item.number: _listed(session, item, valid_from) for item in items}
    for item in items:
        if item.successor:
            supersession.supersede(session, ids[item.number], ids[item.successor])
    return ids


def stock(
    session: Session,
    depots: Sequence[UUID],
    ids: Mapping[str, UUID],
    items: Collection[Item],
    orders: Collection[BookOrder],
    rng: np.random.Generator,
    on: date,
) -> None:
    """
    Fill the shelves with what a morning's orders want, and some more.

    Scarce parts are there at no depot, and dangerous ones at the second alone.
    """
    for number, depot_id in enumerate(depots):
        wanted = _wanted(orders, number)
        for note, brand in enumerate(sorted({item.brand for item in items}), start=1):
            here = [item for item in items if item.brand == brand and _is_kept(item, number)]
            goods: list[Goods] = []
            for item in here:
                quantity = wanted[item.number] + int(rng.integers(*_SPARE))
                serial = f"{item.number}-{number + 1}"
                goods += _goods(item, ids[item.number], quantity, serial=serial, on=on)
            document = f"DN-{number + 1}{note:02d}"
            goods_in.receive(session, depot_id, goods, supplier=brand, document=document)


def expect_scarce(
    session: Session,
    depots: Sequence[UUID],
    ids: Mapping[str, UUID],
    items: Collection[Item],
    at: datetime,
) -> None:
    """Have suppliers bring what the first depot has none of."""
    for item in items:
        if item.use is Use.SCARCE:
            incoming.expect(
                session,
                depots[0],
                ids[item.number],
                6,
                supplier=item.brand,
                document=f"PO-{item.number}",
                expected_at=at,
            )


def _listed(session: Session, item: Item, valid_from: datetime) -> UUID:
    columns = ("brand", "number", "name", "name_en", "weight_g", "volume_ml", "tracking")
    part = parts.add(session, {name: getattr(item, name) for name in columns})
    if item.hazard:
        hazards.declare(session, part.id, **asdict(item.hazard))
    for maker, number in item.cross_numbers:
        numbers.add(session, part.id, maker=maker, number=number)
    prices.set_price(
        session,
        part.id,
        amount=item.amount,
        core_deposit=item.core_deposit,
        valid_from=valid_from,
    )
    return part.id


def _wanted(orders: Collection[BookOrder], warehouse: int) -> Counter[str]:
    wanted: Counter[str] = Counter()
    for order in orders:
        if order.warehouse == warehouse:
            wanted.update({line.item.number: line.quantity for line in order.lines})
    return wanted


def _is_kept(item: Item, warehouse: int) -> bool:
    return item.use is not Use.SCARCE and (item.use is not Use.DANGEROUS or warehouse == 1)


def _goods(item: Item, part_id: UUID, quantity: int, *, serial: str, on: date) -> Iterator[Goods]:
    """Put a part into its bin: in two lots, each unit by its serial number, or as it is."""
    if item.tracking == Tracking.SERIAL:
        for unit in range(1, quantity + 1):
            yield Goods(part_id, 1, item.bin, f"{serial}{unit:03d}")
    elif item.tracking == Tracking.LOT:
        older = quantity // 2
        for lot, some, days in (("L1", older, 200), ("L2", quantity - older, 560)):
            expires_on = on + timedelta(days=days)
            yield Goods(part_id, some, item.bin, f"{item.number}-{lot}", expires_on)
    else:
        yield Goods(part_id, quantity, item.bin)
