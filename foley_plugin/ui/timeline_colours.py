"""The timeline's own colours: picture in slate, production sound in green, foley in the accent's family."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PyQt6.QtGui import QColor

from foley_plugin.qtmodels.lanes import LaneKind
from foley_plugin.ui import theme
from foley_plugin.ui.palette import PALETTES, Palette, Scheme


@dataclass(frozen=True)
class ItemColours:
    body: QColor
    strip: QColor
    wave: QColor


@dataclass(frozen=True)
class TimelineColours:
    lanes: dict[LaneKind, ItemColours]
    cannot: ItemColours
    background: QColor
    lane_background: QColor
    header: QColor
    header_raised: QColor
    ruler: QColor
    line: QColor
    grid: QColor
    tick: QColor
    tick_small: QColor
    text: QColor
    text_dim: QColor
    text_faint: QColor
    accent: QColor
    range: QColor
    outside: QColor
    band_fill: QColor
    band_edge: QColor
    error: QColor
    ok: QColor
    edge: QColor
    selected: QColor
    hit: QColor
    hit_outline: QColor
    hit_hollow: QColor
    heard: QColor
    late: QColor
    curve_fill: QColor
    curve_edge: QColor
    hatch: QColor


def colours() -> TimelineColours:
    """In the palette that the application wears."""
    return _colours(theme.palette().scheme)


@cache
def _colours(scheme: Scheme) -> TimelineColours:
    palette = PALETTES[scheme]
    return _dark(palette) if scheme is Scheme.DARK else _light(palette)


def _items(body: str, strip: str, wave: str) -> ItemColours:
    return ItemColours(QColor(body), QColor(strip), QColor(wave))


def _dark(palette: Palette) -> TimelineColours:
    return TimelineColours(
        lanes={
            LaneKind.VIDEO: _items("#2c3944", "#3f5364", "#6f8da6"),
            LaneKind.AUDIO: _items("#26352d", "#345041", "#6c9c80"),
            LaneKind.FOLEY: _items("#3a2d20", "#5d4226", "#e0a266"),
        },
        cannot=_items("#2a2a2c", "#363639", "#55555a"),
        background=QColor("#1a1a1c"),
        lane_background=QColor("#212123"),
        header=QColor(palette.panel),
        header_raised=QColor("#29292c"),
        ruler=QColor("#232325"),
        line=QColor(palette.line),
        grid=QColor(255, 255, 255, 9),
        tick=QColor("#5c5c62"),
        tick_small=QColor("#4c4c51"),
        text=QColor(palette.text),
        text_dim=QColor(palette.text_dim),
        text_faint=QColor(palette.text_faint),
        accent=QColor(palette.accent),
        range=QColor(232, 149, 74, 58),
        outside=QColor(0, 0, 0, 70),
        band_fill=QColor(255, 255, 255, 22),
        band_edge=QColor(255, 255, 255, 120),
        error=QColor(palette.error),
        ok=QColor(palette.ok),
        edge=QColor(0, 0, 0, 150),
        selected=QColor("#f5c48f"),
        hit=QColor("#ffe2bd"),
        hit_outline=QColor(0, 0, 0, 190),
        hit_hollow=QColor(24, 22, 20, 235),
        heard=QColor("#7fd6ea"),
        late=QColor("#ff6b57"),
        curve_fill=QColor(127, 160, 234, 70),
        curve_edge=QColor("#a9c3ff"),
        hatch=QColor(0, 0, 0, 110),
    )


def _light(palette: Palette) -> TimelineColours:
    return TimelineColours(
        lanes={
            LaneKind.VIDEO: _items("#c9d6e1", "#a9bfd1", "#52718a"),
            LaneKind.AUDIO: _items("#cfe0d5", "#aecdb9", "#4f8064"),
            LaneKind.FOLEY: _items("#f1dcc4", "#e3bb8c", "#a35a12"),
        },
        cannot=_items("#d8d8da", "#c6c6c9", "#97979c"),
        background=QColor("#d6d6d9"),
        lane_background=QColor("#dededf"),
        header=QColor(palette.panel),
        header_raised=QColor("#f4f4f5"),
        ruler=QColor("#e8e8ea"),
        line=QColor(palette.line),
        grid=QColor(0, 0, 0, 12),
        tick=QColor("#8a8a90"),
        tick_small=QColor("#b0b0b5"),
        text=QColor(palette.text),
        text_dim=QColor(palette.text_dim),
        text_faint=QColor(palette.text_faint),
        accent=QColor(palette.accent),
        range=QColor(201, 111, 30, 56),
        outside=QColor(0, 0, 0, 38),
        band_fill=QColor(0, 0, 0, 22),
        band_edge=QColor(0, 0, 0, 120),
        error=QColor(palette.error),
        ok=QColor(palette.ok),
        edge=QColor(0, 0, 0, 60),
        selected=QColor("#b35a08"),
        hit=QColor("#7a3c00"),
        hit_outline=QColor(255, 255, 255, 215),
        hit_hollow=QColor(255, 252, 248, 240),
        heard=QColor("#007a96"),
        late=QColor("#c4200c"),
        curve_fill=QColor(40, 80, 190, 60),
        curve_edge=QColor("#2a4fb8"),
        hatch=QColor(0, 0, 0, 60),
    )
