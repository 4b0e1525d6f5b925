"""The timeline's own colours: picture in slate, production sound in green, foley in the accent's family."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtGui import QColor

from foley_plugin.qtmodels.lanes import LaneKind
from foley_plugin.ui import theme


@dataclass(frozen=True)
class ItemColours:
    body: QColor
    strip: QColor
    wave: QColor


LANES = {
    LaneKind.VIDEO: ItemColours(QColor("#2c3944"), QColor("#3f5364"), QColor("#6f8da6")),
    LaneKind.AUDIO: ItemColours(QColor("#26352d"), QColor("#345041"), QColor("#6c9c80")),
    LaneKind.FOLEY: ItemColours(QColor("#3a2d20"), QColor("#5d4226"), QColor("#e0a266")),
}
CANNOT = ItemColours(QColor("#2a2a2c"), QColor("#363639"), QColor("#55555a"))

BACKGROUND = QColor("#1a1a1c")
LANE_BACKGROUND = QColor("#212123")
HEADER = QColor(theme.PANEL)
RULER = QColor("#232325")
LINE = QColor(theme.LINE)
GRID = QColor(255, 255, 255, 9)
TICK = QColor("#5c5c62")
TEXT = QColor(theme.TEXT)
TEXT_DIM = QColor(theme.TEXT_DIM)
TEXT_FAINT = QColor(theme.TEXT_FAINT)
ACCENT = QColor(theme.ACCENT)
RANGE = QColor(232, 149, 74, 58)
OUTSIDE = QColor(0, 0, 0, 70)
BAND_FILL = QColor(255, 255, 255, 22)
BAND_EDGE = QColor(255, 255, 255, 120)
ERROR = QColor(theme.ERROR)
OK = QColor(theme.OK)
EDGE = QColor(0, 0, 0, 150)
SELECTED = QColor("#f5c48f")
HIT = QColor("#ffe2bd")
