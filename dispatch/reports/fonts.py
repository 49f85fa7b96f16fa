"""Fonts for paper: Noto Sans SC for Chinese and Latin, DejaVu Sans for letters it lacks."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONT = "NotoSansSC"
_FALLBACK = "DejaVuSans"

# Both come with packages that are needed anyway; the SIL Open Font License and the Bitstream Vera
# licence allow to embed them in documents.
_FILES = {
    FONT: ("zhplot", "fonts/NotoSansSC-Regular.ttf"),
    _FALLBACK: ("matplotlib", "mpl-data/fonts/ttf/DejaVuSans.ttf"),
}


@cache
def register() -> None:
    """Make the fonts known to reportlab; each PDF embeds only the letters that it uses."""
    for name, (package, file) in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(_folder(package) / file)))


def _folder(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def markup(text: str) -> str:
    """Return text for a reportlab paragraph: escaped, and each letter in a font that has it."""
    register()
    wide, narrow = _letters(FONT), _letters(_FALLBACK)
    parts: list[str] = []
    for letter in text:
        if letter == "\n":
            parts.append("<br/>")
        elif ord(letter) in wide:
            parts.append(escape(letter))
        elif ord(letter) in narrow:
            parts.append(f'<font name="{_FALLBACK}">{letter}</font>')
        else:
            parts.append("□" if letter.isprintable() else " ")
    return "".join(parts)


@cache
def _letters(font: str) -> frozenset[int]:
    return frozenset(pdfmetrics.getFont(font).face.charToGlyph)
