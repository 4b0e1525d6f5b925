"""Takes by their slots: under a clip that was split one take lies in two places."""

from __future__ import annotations

import pytest

pytest.importorskip("PyQt6.QtCore", exc_type=ImportError)

from foley_plugin.qtmodels.take_shelf import ShelfTake, Slot, TakeShelf
from foley_plugin.takes.records import StoredTake
from foley_plugin.timeline.records import Placement

TAKE = StoredTake(7, 1, 1, "takes/a.wav", "hammer", 0, [], 0.1, -3.0, "0" * 64, {}, None, "2026-01-01")


def on_shelf(frame: int, index: int) -> ShelfTake:
    slot = Slot(("V1", index), frame, 24)  # type: ignore[arg-type]
    return ShelfTake(TAKE, slot, Placement("a.wav", frame, 24, 12, 60, 1, "FOLEY – Impacts", {}))


def test_one_take_in_two_places_lies_in_both_and_leaves_both() -> None:
    shelf = TakeShelf()
    for frame, index in ((0, 1), (48, 2)):
        shelf.add(on_shelf(frame, index), place=True)
    assert [take.planned.record_frame for take in shelf.placed()] == [0, 48]
    assert shelf.is_placed("7")
    shelf.take_off("7")
    assert shelf.placed() == [] and not shelf.is_placed("7")
