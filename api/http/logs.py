"""The log: one line of JSON for each request and each fault, or words for a terminal."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

LOGGER = logging.getLogger("milkrun")

_FIELDS = "milkrun_fields"


def begin(*, as_json: bool) -> None:
    """Write what is logged to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if as_json else _Words())
    for name in ("milkrun", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False


def say(level: int, message: str, /, *, error: BaseException | None = None, **fields: Any) -> None:
    """Log a message with its fields."""
    LOGGER.log(level, message, exc_info=error, extra={_FIELDS: fields})


def as_json(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line of the log says."""
    return {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "message": record.getMessage(),
        **getattr(record, _FIELDS, {}),
    }


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = as_json(record)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class _Words(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        fields = getattr(record, _FIELDS, {})
        words = "  ".join(str(value) for value in fields.values() if value is not None)
        text = f"{at} {record.getMessage()}  {words}".rstrip()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text
