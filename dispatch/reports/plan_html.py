"""
`plan.html`: a planned day as one page that needs no network, with its map, scripts and data inside.

The page's parts lie in ``assets``: a skeleton, styles, strings in every language, and scripts that
are joined in the order of `SCRIPTS` into one scope.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from importlib.resources import files
from typing import Any

from dispatch.planning.planned import PlannedDay
from dispatch.reports import plan_view
from maps.drawing.basemap import Basemap

SCRIPTS = (
    "page.js",
    "words.js",
    "unpack.js",
    "camera.js",
    "ground.js",
    "labels.js",
    "lines.js",
    "markers.js",
    "map.js",
    "tooltip.js",
    "loads.js",
    "panel.js",
    "timeline.js",
    "summary.js",
    "start.js",
)

LIGHT = (
    "#1668dc",
    "#d87e12",
    "#006b3f",
    "#bd2d90",
    "#750909",
    "#ab7eea",
    "#36096c",
    "#0000b4",
)
DARK = (
    "#8cc4fa",
    "#ffd28a",
    "#35b06a",
    "#f078a8",
    "#cf4a26",
    "#a98cf8",
    "#86709c",
    "#2f6fff",
)
"""Colours of routes, hue by hue the same in both themes, and distinct for every kind of sight
(see the test); a ninth route takes the first colour again, with a light line along its middle."""


def render(planned: PlannedDay, basemap: Basemap) -> str:
    """Return the page; it contains everything and asks for nothing."""
    data = plan_view.view(planned, basemap)
    data["colours"] = {"light": LIGHT, "dark": DARK}
    styles = f"\n{_asset('plan.css')}\n"
    script = "\n".join(["", "(() => {", '"use strict";', *map(_asset, SCRIPTS), "})();", ""])
    parts = {
        "POLICY": _policy(styles, script),
        "STYLES": styles,
        "SCRIPT": script,
        "WORDS": _embedded(json.loads(_asset("words.json"))),
        "DATA": _embedded(data),
        "TITLE": html.escape(f"{planned.at.isoformat()} · {planned.map_info.name} · Milkrun"),
    }
    # In one pass, so that nothing in the user's own text is taken for a place to fill.
    return re.sub("@@([A-Z]+)@@", lambda mark: parts[mark[1]], _asset("plan.html"))


def _policy(styles: str, script: str) -> str:
    """
    Return the Content-Security-Policy: this style, this script, and no request at all.

    The empty icon is the only address that is allowed. Elements get their places by the style
    object of the DOM, which the policy does not concern.
    """
    return (
        f"default-src 'none'; img-src data:; style-src '{_hash(styles)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _asset(name: str) -> str:
    return files("dispatch.reports").joinpath("assets", name).read_text(encoding="utf-8")


def _embedded(data: Any) -> str:
    """Return JSON that no text inside can end early: ``</script>`` and ``<!--`` need a ``<``."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
