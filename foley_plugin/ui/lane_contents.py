"""What is in a lane between two pixels, worked out for all its items at once and kept while it looks the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QImage

from foley_plugin.qtmodels.clip_status import RESTING, ClipState
from foley_plugin.qtmodels.lanes import Lane, LaneItem, LaneKind
from foley_plugin.qtmodels.time_scale import TimeScale
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.ui import theme
from foley_plugin.ui.lane_pixels import Codes, ItemBoxes, argb, boxes_between
from foley_plugin.ui.ruler_painter import HEADER_PX
from foley_plugin.ui.timeline_colours import ItemColours, colours

DETAIL_PX = 14
"""Narrower items are plain blocks: no name, picture or wave."""
SELECTED_CODE = 64
"""Added to the code of an item that is selected; codes are `ClipState` + 1."""
CANNOT_CODE = ClipState.CANNOT + 1


class Line(Enum):
    """What is one image of one pixel's height."""

    BLOCKS = "blocks"
    BODIES = "bodies"
    STRIPS = "strips"


@dataclass(frozen=True, eq=False)
class LaneContents:
    """The items of a lane between two pixels, and what was made of them; kept while all of it looks the same."""

    boxes: ItemBoxes
    codes: Codes
    is_wide: NDArray[np.bool_]
    lines: dict[Line, QImage] = field(default_factory=dict)


class LaneMemory:
    """Of ten thousand clips most look as they did: a lane is worked out again when something of it has changed."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Lane, tuple[object, LaneContents]] = WeakKeyDictionary()

    def contents(
        self, lane: Lane, dirty: QRect, area: QRect, scene: TimelineScene, scale: TimeScale
    ) -> LaneContents:
        """Between the edges of `dirty`; only the whole width of `area` is worth keeping."""
        stamp = scene.stamp_of(lane.track) if dirty.width() >= area.width() else None
        key = None if stamp is None else (stamp, scale, dirty.left(), dirty.right(), theme.palette().scheme)
        known = self._known.get(lane)
        if key is not None and known is not None and known[0] == key:
            return known[1]
        boxes = boxes_between(lane, scale, HEADER_PX, dirty.left(), dirty.right() + 1)
        codes = _codes(lane, slice(boxes.first, boxes.first + len(boxes.left_px)), scene)
        contents = LaneContents(boxes, codes, boxes.width_px >= DETAIL_PX)
        if key is not None:
            self._known[lane] = (key, contents)
        return contents


def _codes(lane: Lane, visible: slice, scene: TimelineScene) -> Codes:
    """What each item shows: its state + 1, more where it is selected."""
    items, keys = lane.items[visible], lane.only_keys[visible]
    if lane.kind is LaneKind.VIDEO:
        status_of = scene.statuses.get
        states = [
            status_of(key, RESTING).state if key is not None else _other(scene, item)
            for key, item in zip(keys, items, strict=True)
        ]
        codes = np.frombuffer(bytearray(states), np.uint8)
        codes += np.uint8(1)
    else:
        codes = np.ones(len(items), np.uint8)
    if scene.selected_clips or scene.selected_takes:
        codes[[scene.is_selected(item) for item in items]] += SELECTED_CODE
    return codes


def _other(scene: TimelineScene, item: LaneItem) -> ClipState:
    """Of a nest the state most worth showing; what is no clip at all cannot have foley."""
    return scene.status_of(item).state if item.clip_keys else ClipState.CANNOT


def _block_colours(palette: ItemColours) -> NDArray[np.uint32]:
    table = _table(argb(palette.strip), argb(colours().cannot.strip))
    table[ClipState.SPOTTING + 1 : SELECTED_CODE] = argb(colours().accent)
    table[SELECTED_CODE:] = argb(colours().selected)
    return table


def _body_colours(palette: ItemColours) -> NDArray[np.uint32]:
    return _table(argb(palette.body), argb(colours().cannot.body))


def _strip_colours(palette: ItemColours) -> NDArray[np.uint32]:
    table = _table(argb(palette.strip), argb(colours().cannot.strip))
    table[SELECTED_CODE:] = argb(palette.strip.lighter(135))
    return table


def _table(plain: int, cannot: int) -> NDArray[np.uint32]:
    """ARGB by code; nothing is drawn for 0."""
    table = np.full(2 * SELECTED_CODE, plain, np.uint32)
    table[[ClipState.CANNOT + 1, ClipState.CANNOT + 1 + SELECTED_CODE]] = cannot
    table[0] = 0
    return table


COLOURS_OF_CODES = {
    Line.BLOCKS: _block_colours,
    Line.BODIES: _body_colours,
    Line.STRIPS: _strip_colours,
}
