"""JSON text to Python values, strictly: no double keys, no NaN, no text after the end."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from routing.formats.faults import Faults, refuse


def parse(text: str) -> Any:
    """
    Return the value that a JSON text holds.

    Raises
    ------
    InvalidProblem
        ``bad_json`` with line and column, or ``duplicate_key`` for every key given twice.
    """
    faults = Faults()

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in items:
            if key in result:
                cause = f"the key {key!r} comes twice in one object"
                faults.add("file", "duplicate_key", cause, "leave one of them")
            result[key] = value
        return result

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise refuse(where, "bad_json", error.msg, "correct the JSON text") from error
    except RecursionError:
        cause = "the values are nested too deeply"
        raise refuse("file", "bad_json", cause, "correct the JSON text") from None
    except ValueError as error:  # Python refuses numbers of more than 4,300 digits
        raise refuse("file", "bad_json", str(error), "correct the number") from error
    faults.raise_any()
    if "\\ud" in text.casefold():
        _refuse_half_characters(value)
    return value


def _refuse_half_characters(value: object) -> None:
    """Refuse half of a surrogate pair: no file in UTF-8 can hold it, so no plan could name it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        cause = f"{error.object[error.start : error.end]!r} is half a character"
        raise refuse("file", "bad_json", cause, "write both halves of the pair") from error


def _refuse_constant(word: str) -> NoReturn:
    raise refuse("file", "bad_json", f"{word} is no JSON number", "write a number")
