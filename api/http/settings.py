"""What the environment decides for the server, read once and passed down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.store.errors import Invalid


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Limits of the server; a rate is requests per second, with ten seconds' worth at once."""

    body_bytes: int = 1_000_000
    upload_bytes: int = 20_000_000
    """Of a file that is imported."""
    rate_per_caller: float = 100.0
    sign_ins_per_minute: float = 30.0
    """From one address; `dispatch.people.attempts` counts by name besides."""
    secure_cookies: bool = False
    """Behind TLS; browsers then send the cookie over nothing else."""
    webhook_private: bool = False
    """Webhooks may go to addresses of one's own network, there also without TLS."""


def read(environment: Mapping[str, str]) -> HttpSettings:
    """Read the settings, or refuse (``bad_setting``) what is no number above 0."""
    usual = HttpSettings()
    return HttpSettings(
        body_bytes=int(_number(environment, "MILKRUN_MAX_BODY_BYTES", usual.body_bytes)),
        upload_bytes=int(_number(environment, "MILKRUN_MAX_UPLOAD_BYTES", usual.upload_bytes)),
        rate_per_caller=_number(environment, "MILKRUN_RATE_PER_CALLER", usual.rate_per_caller),
        sign_ins_per_minute=_number(
            environment, "MILKRUN_SIGN_INS_PER_MINUTE", usual.sign_ins_per_minute
        ),
        secure_cookies=_chosen(environment, "MILKRUN_SECURE_COOKIES"),
        webhook_private=_chosen(environment, "MILKRUN_WEBHOOK_PRIVATE"),
    )


def _chosen(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name) in {"1", "true", "yes"}


def _number(environment: Mapping[str, str], name: str, usual: float) -> float:
    text = environment.get(name)
    if not text:
        return usual
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        cause = f"{name} is {text!r}"
        raise Invalid("bad_setting", cause=cause, action="give a number above 0, or unset it")
    return value
