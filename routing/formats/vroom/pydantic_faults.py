"""What pydantic found wrong, in this product's words: place, code, cause, action."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from routing.faults import Fault
from routing.formats.faults import Faults

Model = TypeVar("Model", bound=BaseModel)

_ACTIONS = {
    "not_supported": "take it out: a plan that ignored it would be wrong",
    "deprecated_key": "write `delivery` instead of `amount`, `matrices` instead of `matrix`",
    "window_reversed": "swap the ends, or mend one",
    "wrong_type": "write a value of that kind",
    "out_of_range": "write a value within the range",
    "wrong_count": "write as many values as that",
}
_RANGES = ("greater_than", "less_than", "finite_number", "int_parsing_size")
_COUNTS = ("too_short", "too_long")


def parse(model: type[Model], value: object, where: str, faults: Faults) -> Model | None:
    """Return the value as a model, or None with every fault noted below the place ``where``."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        faults.extend(_faults(model, details, where))
        return None


def _faults(model: type[BaseModel], details: Iterable[ErrorDetails], where: str) -> Iterator[Fault]:
    for detail in details:
        place = path(where, detail["loc"])
        kind = detail["type"]
        if kind == "extra_forbidden":
            known = _keys(model, detail["loc"][:-1])
            yield _unknown_key(place, str(detail["loc"][-1]), known)
        elif kind == "missing":
            cause = f"the key {detail['loc'][-1]!r} is missing"
            yield Fault(place, "missing_key", cause, "add it")
        else:
            code = _code(kind)
            yield Fault(place, code, _cause(code, detail), _ACTIONS[code])


def path(where: str, location: Iterable[int | str]) -> str:
    """Return a JSON path such as ``jobs[3].time_windows[0]``."""
    text = where
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text or "file"


def _code(kind: str) -> str:
    if kind in _ACTIONS:
        return kind
    if kind.startswith(_RANGES):
        return "out_of_range"
    return "wrong_count" if kind in _COUNTS else "wrong_type"


def _cause(code: str, detail: ErrorDetails) -> str:
    if code == "not_supported":
        return f"not supported yet: {detail['loc'][-1]}"
    text = detail["msg"].removeprefix("Input ")
    shown = repr(detail["input"])
    shown = f"{shown[:60]}..." if len(shown) > 63 else shown
    return f"{shown}: {text}"


def _unknown_key(place: str, key: str, known: list[str]) -> Fault:
    near = get_close_matches(key, known, n=1)
    action = f"did you mean {near[0]!r}?" if near else f"take it out; known: {', '.join(known)}"
    return Fault(place, "unknown_key", f"{key!r} is no key of VROOM's input here", action)


def _keys(model: type[BaseModel], location: Iterable[int | str]) -> list[str]:
    """Return the keys that the object at this place may have."""
    fields = model.model_fields
    for part in location:
        inner: Any = fields[part].annotation if part in fields else None
        for found in (inner, *get_args(inner)):
            if isinstance(found, type) and issubclass(found, BaseModel):
                fields = found.model_fields
    return list(fields)
