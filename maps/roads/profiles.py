"""What a car, van, truck or scooter is: size, rights and speed."""

from __future__ import annotations

from dataclasses import dataclass

from maps.roads.classes import ROAD_CLASSES

# Free-flow speeds in km/h by class, where no limit is tagged: OSRM's car profile
# (Project-OSRM/osrm-backend, profiles/car.lua, v26.10), which is widely compared with measured
# drives. Ours: road, track, pedestrian (delivery hours in a pedestrian street), ferry.
_CLASS_KMH = {
    "motorway": 90,
    "motorway_link": 45,
    "trunk": 85,
    "trunk_link": 40,
    "primary": 65,
    "primary_link": 30,
    "secondary": 55,
    "secondary_link": 25,
    "tertiary": 40,
    "tertiary_link": 20,
    "unclassified": 25,
    "residential": 25,
    "living_street": 10,
    "road": 20,
    "service": 15,
    "track": 12,
    "pedestrian": 6,
    "ferry": 5,
    "barrier": 5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """
    A kind of vehicle.

    Attributes
    ----------
    name
        What users write.
    modes
        Keys of OSM's access tags that speak of this vehicle, the most specific first; the first
        one that is tagged decides.
    closed_by
        Modes whose ``no`` closes a way for this vehicle too, unless a key of its own opens it.
    height_m, width_m, length_m, weight_t, axle_t
        Compared with ``maxheight``, ``maxwidth``, ``maxlength``, ``maxweight``, ``maxaxleload``;
        ``weight_t`` is the permitted weight, laden.
    top_kmh
        The vehicle's own limit, and what "no limit" means.
    speed_factor
        Its free-flow speed relative to a car's.
    limit_factor
        Mean speed relative to a tagged limit (OSRM's ``speed_reduction``).
    destination_factor
        Speed factor on roads for destination traffic only. A delivery may use them; a factor
        below one keeps through traffic out where another way is near.
    barriers
        Values of ``barrier`` that this vehicle passes unless access tags say otherwise.
    motorways
        Whether motorways and motor roads are allowed.
    class_kmh
        Free-flow speed of each of `ROAD_CLASSES`.
    signal_s, stop_s, give_way_s, gate_s
        Mean delay at a signal, a stop sign, a give-way sign and an untagged gate: OSRM's car
        profile.
    turn_s
        Delay of a full turn at a junction (OSRM's ``turn_penalty``).
    """

    name: str
    modes: tuple[str, ...]
    closed_by: tuple[str, ...] = ()
    height_m: float = 2.0
    width_m: float = 1.9
    length_m: float = 4.8
    weight_t: float = 2.0
    axle_t: float = 1.2
    top_kmh: float = 140.0
    speed_factor: float = 1.0
    limit_factor: float = 0.8
    destination_factor: float = 0.6
    barriers: frozenset[str] = frozenset()
    motorways: bool = True
    class_kmh: tuple[float, ...] = tuple(float(_CLASS_KMH[name]) for name in ROAD_CLASSES)
    signal_s: float = 2.0
    stop_s: float = 2.0
    give_way_s: float = 1.0
    gate_s: float = 60.0
    turn_s: float = 7.5

    def measure(self, name: str) -> float:
        """Return the measure that a condition names: weight, height, length, width, axleload."""
        return {
            "weight": self.weight_t,
            "weightrating": self.weight_t,
            "height": self.height_m,
            "length": self.length_m,
            "width": self.width_m,
            "axleload": self.axle_t,
        }[name]


_MOTOR = ("motor_vehicle", "vehicle", "access")

# Sizes: a compact car; a 3.5 t panel van (high roof); a rigid 12 t distribution truck, two axles;
# an electric motor scooter held to 45 km/h (EU class L1e). Heights and lengths are typical of
# makers' data sheets; width excludes mirrors. Speed factors of van, truck and scooter are ours.
PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(name="car", modes=("motorcar", *_MOTOR)),
        Profile(
            name="van",
            modes=("goods", "motorcar", *_MOTOR),
            height_m=2.7,
            width_m=2.1,
            length_m=6.0,
            weight_t=3.5,
            axle_t=2.2,
            top_kmh=130.0,
            speed_factor=0.95,
        ),
        Profile(
            name="truck",
            modes=("hgv", *_MOTOR),
            closed_by=("motorcar",),
            height_m=3.6,
            width_m=2.55,
            length_m=8.5,
            weight_t=12.0,
            axle_t=8.0,
            top_kmh=80.0,
            speed_factor=0.85,
        ),
        Profile(
            name="scooter",
            modes=("moped", "motorcycle", *_MOTOR),
            height_m=1.6,
            width_m=0.8,
            length_m=2.0,
            weight_t=0.3,
            axle_t=0.2,
            top_kmh=45.0,
            barriers=frozenset({"bollard", "cycle_barrier", "block"}),
            motorways=False,
        ),
    )
}
