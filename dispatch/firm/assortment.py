"""
What the made-up firm sells: families of parts, each in four sizes for four makes of car.

Makers, numbers and prices are invented; weights, sizes and dangers are as such parts have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from dispatch.catalogue.parts import Tracking


class Use(StrEnum):
    """What a family is there for, beside being sold."""

    USUAL = "usual"
    CORE = "core"
    """The old part is handed back for a deposit."""
    DANGEROUS = "dangerous"
    HEAVY = "heavy"
    SCARCE = "scarce"
    """There is none in stock, and more is expected."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """As `dispatch.catalogue.hazards` has it."""

    un_number: str
    hazard_class: str
    packing_group: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A part as it is taken in; money in minor units, ``share`` how often it is ordered."""

    brand: str
    number: str
    name: str
    name_en: str
    weight_g: int
    volume_ml: int
    amount: int
    core_deposit: int
    share: float
    use: Use
    tracking: Tracking
    hazard: Hazard | None
    bin: str
    cross_numbers: tuple[tuple[str, str], ...]
    successor: str | None


@dataclass(frozen=True, slots=True)
class _Family:
    """Parts of one kind; the fourth and largest is a third heavier than the first."""

    code: str
    name: str
    name_en: str
    weight_g: int
    volume_ml: int
    amount: int
    share: float = 0.0
    use: Use = Use.USUAL
    core_deposit: int = 0
    tracking: Tracking = Tracking.NONE
    hazard: Hazard | None = None
    renewed: bool = False
    """Its first part is no longer made, and replaced by its second."""


_BATTERY = Hazard("2794", "8")
_AIRBAG = Hazard("3268", "9")

_FAMILIES = (
    _Family("BP", "刹车片", "brake pads", 2_200, 3_600, 16_800, 16, renewed=True),
    _Family("BC", "制动卡钳", "brake caliper", 4_600, 6_500, 42_000, 5),
    _Family("BD", "制动盘", "brake disc", 7_800, 7_000, 23_500, 6),
    _Family("BF", "制动液", "brake fluid", 1_100, 1_200, 4_800, 5, tracking=Tracking.LOT),
    _Family("OF", "机油滤清器", "oil filter", 450, 1_500, 3_200, 18, renewed=True),
    _Family("AF", "空气滤清器", "air filter", 380, 4_800, 5_600, 10),
    _Family("CF", "空调滤清器", "cabin filter", 260, 3_100, 4_900, 8),
    _Family("EO", "机油 4升", "engine oil, 4 l", 3_700, 5_000, 21_900, 9, tracking=Tracking.LOT),
    _Family("CO", "冷却液 5升", "coolant, 5 l", 5_600, 6_000, 9_900, 4, tracking=Tracking.LOT),
    _Family("SP", "火花塞", "spark plugs", 320, 500, 12_800, 9, renewed=True),
    _Family("IC", "点火线圈", "ignition coil", 420, 700, 18_600, 5),
    _Family("SA", "减震器", "shock absorber", 4_100, 11_000, 38_000, 6),
    _Family("CA", "控制臂", "control arm", 3_400, 8_000, 27_500, 4),
    _Family("WB", "轮毂轴承", "wheel bearing", 2_300, 2_000, 24_000, 4),
    _Family("TB", "正时皮带套件", "timing belt kit", 2_100, 4_000, 46_000, 4, renewed=True),
    _Family("WP", "水泵", "water pump", 1_800, 3_000, 28_000, 3),
    _Family("TH", "节温器", "thermostat", 350, 600, 8_600, 3),
    _Family("RA", "散热器", "radiator", 5_200, 38_000, 62_000, 2),
    _Family("CK", "离合器套件", "clutch kit", 8_600, 15_000, 89_000, 3),
    _Family("HL", "大灯", "headlamp", 3_100, 26_000, 118_000, 3),
    _Family("MI", "后视镜", "door mirror", 1_500, 9_000, 36_000, 3),
    _Family("WI", "雨刮片", "wiper blades", 500, 1_800, 6_800, 8),
    _Family("BU", "前保险杠", "front bumper", 5_200, 120_000, 74_000, 1),
    _Family("EC", "发动机控制单元", "engine control unit", 900, 2_400, 214_000, 1,
            tracking=Tracking.SERIAL),
    _Family("AL", "发电机", "alternator", 6_300, 7_500, 42_000, use=Use.CORE, core_deposit=30_000),
    _Family("ST", "起动机", "starter motor", 4_400, 5_500, 38_500, use=Use.CORE,
            core_deposit=24_000),
    _Family("BA", "蓄电池", "battery", 16_500, 11_000, 56_000, use=Use.DANGEROUS, hazard=_BATTERY),
    _Family("AB", "安全气囊", "airbag", 1_900, 8_000, 168_000, use=Use.DANGEROUS, hazard=_AIRBAG,
            tracking=Tracking.SERIAL),
    _Family("GB", "变速箱总成", "gearbox", 80_000, 180_000, 1_280_000, use=Use.HEAVY),
    _Family("TC", "涡轮增压器", "turbocharger", 7_200, 9_000, 236_000, use=Use.SCARCE),
)  # fmt: skip

_BRANDS = ("Kestrel", "天岭 Tianling", "Norvik", "百固 Baigu", "Aldera")
_CAR_MAKERS = ("Lanma", "Veltra", "Haoda", "Orvane")
_CARS = ("Lanma 3", "Veltra C", "Haoda X5", "Orvane 700")
_SIZES = (0.9, 1.0, 1.1, 1.2)
_GEARBOX_SIZES = (1.0, 1.5, 2.5, 4.75)
"""From 80 kg in a small car to 380 kg in a lorry."""


def items() -> tuple[Item, ...]:
    """Return all parts, family by family."""
    return tuple(
        _item(place, family, size) for place, family in enumerate(_FAMILIES) for size in range(4)
    )


def _item(place: int, family: _Family, size: int) -> Item:
    scale = (_GEARBOX_SIZES if family.use is Use.HEAVY else _SIZES)[size]
    return Item(
        brand=_BRANDS[(place + size) % len(_BRANDS)],
        number=_number(family, size),
        name=f"{family.name} {_CARS[size]}",
        name_en=f"{family.name_en} {_CARS[size]}",
        weight_g=round(family.weight_g * scale),
        volume_ml=round(family.volume_ml * min(scale, 2.0)),
        amount=round(family.amount * scale / 100) * 100,
        core_deposit=family.core_deposit,
        share=family.share,
        use=family.use,
        tracking=family.tracking,
        hazard=family.hazard,
        bin=f"{chr(ord('A') + place // 6)}-{place % 6 + 1:02d}-{size + 1}",
        cross_numbers=tuple(_cross_numbers(place, family, size)),
        successor=_number(family, 1) if family.renewed and size == 0 else None,
    )


def _number(family: _Family, size: int) -> str:
    return f"{family.code}-{1000 + 37 * size}"


def _cross_numbers(place: int, family: _Family, size: int) -> Iterator[tuple[str, str]]:
    """Give the number of the car's maker, and for small parts that of another one too."""
    yield _CAR_MAKERS[size], f"{34 + place} {11 + size}-{family.code} {600 + 7 * place}"
    if family.weight_g < 1_000:
        yield _CAR_MAKERS[(size + 1) % 4], f"{70 + place}.{family.code}.{210 + size}"
