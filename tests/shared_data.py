"""Where the real maps and benchmark instances lie; tests that need them say so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

# In CI their absence is a failure, not a reason to skip.
needs_shared = pytest.mark.skipif(
    not SHARED.exists() and not os.environ.get("CI"),
    reason=f"real maps and instances are not at {SHARED}",
)
