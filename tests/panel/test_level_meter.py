"""The meter: what is heard, in figures and in bars, and a light that stays on."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.heard_levels import BLOCK_FRAMES, FLOOR_DB, Block, LevelLog, Meter
from foley_plugin.ui.level_meter import LevelMeter


def loud(left: float, right: float, num_blocks: int = 1) -> np.ndarray:
    return np.tile(np.array([[left, right]], np.float32), (num_blocks * BLOCK_FRAMES, 1))


def test_levels_are_told_when_they_are_heard_and_mixed_again_where_they_are_not() -> None:
    log = LevelLog()
    log.note(0, loud(0.5, 0.25, 4))
    log.note(2 * BLOCK_FRAMES, loud(0.1, 0.1, 2))
    assert log.heard(BLOCK_FRAMES - 1) == []
    first = log.heard(BLOCK_FRAMES)
    assert [(each.end_frame, each.peak) for each in first] == [(BLOCK_FRAMES, (0.5, 0.25))]
    assert [each.peak[0] for each in log.heard(10**6)] == pytest.approx([0.5, 0.1, 0.1])


def test_bars_fall_the_peak_is_held_and_the_light_stays() -> None:
    meter = Meter()
    meter.show([Block(480, (1.5, 0.5), (0.25, 0.25))], 0.0)
    assert meter.peak_db == pytest.approx([3.5, -6.0], abs=0.1)
    assert meter.rms_db == pytest.approx([-6.0, -6.0], abs=0.1)
    assert meter.has_clipped == [True, False]
    meter.show([], 1.0)
    assert meter.peak_db == pytest.approx([-16.5, -26.0], abs=0.1)
    assert meter.held_db == pytest.approx([3.5, -6.0], abs=0.1)
    for now_s in range(2, 60):
        meter.show([], float(now_s))
    assert meter.is_at_rest and meter.has_clipped == [True, False]


def test_the_widget_asks_while_it_plays_tells_figures_and_puts_out_its_light(qtbot: QtBot) -> None:
    blocks = [Block(480, (1.2, 0.1), (0.1, 0.1))]
    widget = LevelMeter(lambda: blocks)
    qtbot.addWidget(widget)
    widget.resize(58, 300)
    widget.show()
    assert widget.figures() == "–∞"
    widget.show_playing(True)
    qtbot.waitUntil(lambda: widget.meter.has_clipped[0], timeout=20_000)
    assert widget.figures() == "+1.6"
    widget.show_playing(False)
    assert "clipped" in widget.accessibleDescription()
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
    assert not any(widget.meter.has_clipped) and "clipped" not in widget.accessibleDescription()
    assert not widget.grab().isNull()
    widget.meter.peak_db = widget.meter.held_db = widget.meter.rms_db = [FLOOR_DB, FLOOR_DB]
    qtbot.waitUntil(lambda: not widget._timer.isActive(), timeout=20_000)
