"""The keys of VROOM's input, each with its type and range."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, StrictStr
from pydantic_core import PydanticCustomError

from routing.formats.ids import number_id
from routing.validity import LARGEST


def _identifier(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
        return number_id(value)
    if isinstance(value, str) and value.strip():
        return value
    raise PydanticCustomError("wrong_type", "an id is a whole number from 0, or a text")


def _in_order(window: tuple[int, int]) -> tuple[int, int]:
    if window[1] < window[0]:
        raise PydanticCustomError(
            "window_reversed",
            "ends at {end}, before it starts at {start}",
            {"end": window[1], "start": window[0]},
        )
    return window


def _not_yet(value: object) -> None:
    if value:
        raise PydanticCustomError("not_supported", "not supported yet")


def _never_yet(value: object) -> None:
    if value is not None:
        raise PydanticCustomError("not_supported", "not supported yet")


def _deprecated(_: object) -> None:
    raise PydanticCustomError("deprecated_key", "VROOM no longer has this key")


Whole = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Id = Annotated[str, PlainValidator(_identifier)]
Amounts = list[Whole]
Location = tuple[Number, Number]
TimeWindow = Annotated[tuple[Whole, Whole], AfterValidator(_in_order)]
Skills = list[Id]
ByType = dict[StrictStr, Whole]
"""Seconds by type of vehicle."""
Priority = Annotated[int, Field(strict=True, ge=0, le=100)]
NotYet = Annotated[Any, PlainValidator(_not_yet)]
"""Refused unless it is empty."""
NeverYet = Annotated[Any, PlainValidator(_never_yet)]
"""Refused unless it is null: 0 means something."""
Deprecated = Annotated[Any, PlainValidator(_deprecated)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Costs(_Strict):
    """What a vehicle costs; ``per_hour`` is of driving."""

    fixed: Whole = 0
    per_hour: Whole = 3600
    per_task_hour: NotYet = None
    per_km: Whole = 0


class Break(_Strict):
    """
    A pause of a vehicle.

    Without ``time_windows`` it may begin at any time; `breaks` says which of VROOM's breaks can be
    planned.
    """

    id: Id
    time_windows: list[TimeWindow] = []
    service: Whole = 0
    description: StrictStr = ""
    max_load: Amounts | None = None


class VehicleStep(_Strict):
    """One step of the plan that a search begins with."""

    type: Literal["start", "job", "pickup", "delivery", "break", "end"]
    id: Id | None = None
    service_at: NeverYet = None
    service_after: NeverYet = None
    service_before: NeverYet = None


class Vehicle(_Strict):
    """One vehicle."""

    id: Id
    profile: StrictStr = "car"
    description: StrictStr = ""
    start: Location | None = None
    start_index: Whole | None = None
    end: Location | None = None
    end_index: Whole | None = None
    capacity: Amounts | None = None
    costs: Costs = Costs()
    skills: Skills = []
    type: StrictStr = ""
    time_window: TimeWindow | None = None
    breaks: list[Break] = []
    # VROOM allows (0, 5]; slower than a hundredth is a slip of the pen.
    speed_factor: Annotated[float, Field(strict=True, ge=0.01, le=5)] = 1.0
    max_tasks: Whole | None = None
    max_travel_time: Whole | None = None
    max_distance: Whole | None = None
    steps: list[VehicleStep] = []


class Task(_Strict):
    """What jobs and the two ends of shipments have in common."""

    id: Id
    description: StrictStr = ""
    location: Location | None = None
    location_index: Whole | None = None
    setup: Whole = 0
    service: Whole = 0
    setup_per_type: ByType = {}
    service_per_type: ByType = {}
    time_windows: list[TimeWindow] = []


class Job(Task):
    """One visit."""

    amount: Deprecated = None
    delivery: Amounts | None = None
    pickup: Amounts | None = None
    skills: Skills = []
    priority: Priority = 0


class Shipment(_Strict):
    """Goods from one visit to another on the same route."""

    pickup: Task
    delivery: Task
    amount: Amounts | None = None
    skills: Skills = []
    priority: Priority = 0


class Options(_Strict):
    """
    What VROOM's command line and its HTTP server take beside the problem.

    ``t``, ``x`` and ``l`` (threads, effort, limit) have no effect: budget and cores are told to
    `routing.solve`.
    """

    g: NotYet = None
    c: NotYet = None
    t: Whole | None = None
    x: Whole | None = None
    l: Number | None = None  # noqa: E741 -- VROOM's own name


class MatrixOfProfile(_Strict):
    """Square arrays of whole numbers; what is in them is checked by `matrices`."""

    durations: list[Any] | None = None
    distances: list[Any] | None = None
    costs: list[Any] | None = None


class Document(_Strict):
    """The whole file; its parts are read one by one, so that each fault is found."""

    jobs: list[Any] = []
    shipments: list[Any] = []
    vehicles: list[Any]
    matrices: dict[str, Any] = {}
    matrix: Deprecated = None
    options: Options = Options()
