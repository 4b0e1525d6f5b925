"""The two sets of colours: neutral greys and one accent, dark and light.

Neutral on purpose: a tint beside a picture changes how its colours are judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scheme(StrEnum):
    DARK = "dark"
    LIGHT = "light"


class Tone(StrEnum):
    """What words mean, told by their colour; never by it alone."""

    TEXT = "text"
    DIM = "dim"
    FAINT = "faint"
    ACCENT = "accent"
    OK = "ok"
    ERROR = "error"


@dataclass(frozen=True)
class Palette:
    """Colours as `#rrggbb`. `sunken` is behind text that is typed, `raised` a button, `line` between areas."""

    scheme: Scheme
    window: str
    panel: str
    raised: str
    hover: str
    hover_strong: str
    sunken: str
    line: str
    line_soft: str
    text: str
    text_dim: str
    text_faint: str
    accent: str
    accent_hover: str
    accent_down: str
    on_accent: str
    error: str
    ok: str
    notice: str
    notice_error: str
    bright: str
    shadow: str


DARK = Palette(
    scheme=Scheme.DARK,
    window="#1f1f21",
    panel="#262628",
    raised="#303033",
    hover="#3a3a3e",
    hover_strong="#4a4a4f",
    sunken="#161617",
    line="#0f0f10",
    line_soft="#38383c",
    text="#d6d6d8",
    text_dim="#9b9ba1",
    text_faint="#75757c",
    accent="#e8954a",
    accent_hover="#f2a660",
    accent_down="#cf7f36",
    on_accent="#1c1206",
    error="#e0675c",
    ok="#79b27c",
    notice="#33291f",
    notice_error="#3a2423",
    bright="#ffffff",
    shadow="#000000",
)

LIGHT = Palette(
    scheme=Scheme.LIGHT,
    window="#e4e4e6",
    panel="#eeeeef",
    raised="#fafafa",
    hover="#ffffff",
    hover_strong="#b4b4ba",
    sunken="#ffffff",
    line="#bdbdc2",
    line_soft="#d2d2d6",
    text="#1e1e20",
    text_dim="#55555b",
    text_faint="#77777e",
    accent="#c96f1e",
    accent_hover="#d97f2e",
    accent_down="#a85a14",
    on_accent="#ffffff",
    error="#b3362b",
    ok="#3a7a3e",
    notice="#f6e7d3",
    notice_error="#f6d9d5",
    bright="#000000",
    shadow="#8a8a90",
)

PALETTES = {palette.scheme: palette for palette in (DARK, LIGHT)}
