"""Hearing the cut in the real window: tracks, loop, timecode, keys."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
import soundfile
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.lanes import RULER_HEIGHT_PX
from foley_plugin.qtmodels.production_sound import HeardTrack
from foley_plugin.qtmodels.sound_output import NoSound
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.ruler_painter import HEADER_PX
from tests.panel.footage import RATE, write_cut

OpenPanel = Callable[..., MainWindow]
WAIT_MS = 60_000


@pytest.fixture
def cut_with_sound(tmp_path: Path) -> Path:
    """The usual cut, with a stereo sound under its first clip on A1 and a retimed one on A2."""
    folder = tmp_path / "cut"
    folder.mkdir()
    path = write_cut(folder)
    soundfile.write(folder / "dialogue.wav", np.full((4 * 48000, 2), 0.5), 48000)
    timeline = otio.adapters.read_from_file(str(path))
    time = otio.opentime.RationalTime
    for name, effects in (("Production", []), ("Music", [otio.schema.LinearTimeWarp(time_scalar=2.0)])):
        track = otio.schema.Track(name, kind="Audio")
        available = otio.opentime.TimeRange(time(0, RATE), time(4 * RATE, RATE))
        reference = otio.schema.ExternalReference(str(folder / "dialogue.wav"), available)
        shown = otio.opentime.TimeRange(time(0, RATE), time(48, RATE))
        track.append(otio.schema.Clip("dialogue", reference, shown, effects=effects))
        timeline.tracks.append(track)
    path.write_text(otio.adapters.write_to_string(timeline, "otio_json"), encoding="utf-8")
    return path


def gains(window: MainWindow) -> dict[str, float]:
    return {
        sound.track.track: sound.gain
        for sound in window.playback_control.sound._heard()
        if isinstance(sound, HeardTrack)
    }


def header_button(window: MainWindow, track: str, from_right_px: int) -> QPoint:
    placed = next(each for each in window.session.scene.stack.lanes if each.lane.track == track)
    return QPoint(HEADER_PX - from_right_px, RULER_HEIGHT_PX + (placed.top_px + placed.bottom_px) // 2)


def test_production_sound_is_heard_muted_soloed_and_dimmed(
    open_panel: OpenPanel, cut_with_sound: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_with_sound)
    store = window.playback_control.sound.production.store
    qtbot.waitUntil(lambda: store.num_bytes > 0, timeout=WAIT_MS)
    assert gains(window) == {"A1": 1.0, "A2": 1.0}
    music = next(each for each in window.session.scene.stack.lanes if each.lane.track == "A2")
    at = QPoint(HEADER_PX + 20, RULER_HEIGHT_PX + music.top_px + 20).toPointF()
    assert "not heard" in window.view.tooltip_at(at)
    mute, solo = 36, 16
    assert window.view.tooltip_at(header_button(window, "A1", mute).toPointF()) == "Mute A1"
    qtbot.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=header_button(window, "A1", mute))
    assert gains(window)["A1"] == 0.0 and window.session.scene.listening.muted == {"A1"}
    menu = window.playback_control.listening._menu
    assert menu is not None
    menu.aboutToShow.emit()
    entries = {action.text(): action for action in menu.actions() if action.property("of_track")}
    assert entries["Mute A1 · Production"].isChecked() and "Solo F1 · Foley" in entries
    entries["Mute A1 · Production"].trigger()
    assert gains(window)["A1"] == 1.0
    qtbot.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=header_button(window, "A2", solo))
    assert gains(window) == {"A1": 0.0, "A2": 1.0}
    window.actions_["clear_listening"].trigger()
    qtbot.keyClick(window.view, Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    assert gains(window)["A1"] == pytest.approx(0.126, abs=1e-3)
    qtbot.keyClick(window.view, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert gains(window) == {"A1": 0.0, "A2": 0.0}
    assert window.actions_["solo_foley"].isChecked() and window.actions_["dim_production"].isChecked()
    window.playback.play()
    qtbot.waitUntil(lambda: window.playback.position_s > 0.1, timeout=WAIT_MS)
    assert window.level_meter.meter.is_at_rest
    window.actions_["clear_listening"].trigger()
    qtbot.waitUntil(lambda: not window.level_meter.meter.is_at_rest, timeout=WAIT_MS)
    window.playback.stop()
    window.playback.sound_missing.emit(NoSound.NO_LIBRARY)
    assert "libportaudio2" in window.notice_bar.sentence


def test_the_loop_plays_the_marked_range_else_what_is_selected(
    open_panel: OpenPanel, cut_with_sound: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_with_sound)
    playback = window.playback
    qtbot.keyClick(window.view, Qt.Key.Key_Slash)
    assert window.actions_["loop"].isChecked() and playback._loop_s == (0.0, 6.0)
    second = window.session.scene.stack.lanes[0].lane.items[1]
    window.view.select([second])
    assert playback._loop_s == (2.0, 4.0)
    window.view.mark_range(0.5, 0.75)
    assert playback._loop_s == (0.5, 0.75)
    playback.seek(3.0)
    passes: list[float] = []
    playback.position_changed.connect(passes.append)
    playback.play()
    qtbot.waitUntil(
        lambda: sum(late < early for early, late in pairwise(passes)) >= 2,
        timeout=WAIT_MS,
    )
    assert all(0.5 <= position_s < 0.75 for position_s in passes)
    qtbot.keyClick(window.view, Qt.Key.Key_Slash)
    assert playback._loop_s is None
    playback.stop()


def test_a_timecode_is_typed_and_a_wrong_one_is_told(
    open_panel: OpenPanel, cut_with_sound: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_with_sound)
    field, told = window.transport_bar.position, []
    window.session.failed.connect(told.append)
    window.view.setFocus()
    qtbot.keyClick(window.view, Qt.Key.Key_Equal)
    assert field.hasFocus()
    qtbot.keyClicks(field, "1:00:02:30")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told and "up to 23" in told[0] and field.hasFocus()
    qtbot.keyClicks(field, "205")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.playback.position_s == pytest.approx(2 + 5 / 24)
    assert window.view.hasFocus() and field.text() == "01:00:02:05"
    qtbot.keyClick(window.view, Qt.Key.Key_4, Qt.KeyboardModifier.KeypadModifier)
    assert field.hasFocus() and field.text() == "4"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "01:00:02:05" and window.view.hasFocus()
    field.begin()
    qtbot.keyClicks(field, "-1:00")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.playback.position_s == pytest.approx(1 + 5 / 24)


def test_k_held_with_l_is_a_frame_and_held_longer_slow(
    open_panel: OpenPanel, cut_with_sound: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_with_sound)
    view, playback = window.view, window.playback
    window.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus, timeout=WAIT_MS)

    def repeat(key: Qt.Key) -> None:
        """What the system sends while a key is held, and the shortcut that follows from it."""
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier, "", True)
        QApplication.sendEvent(view, event)
        window.actions_["play_forwards"].trigger()

    qtbot.keyPress(view, Qt.Key.Key_K)
    qtbot.keyPress(view, Qt.Key.Key_L)
    assert playback.position_s == pytest.approx(1 / 24) and not playback.is_playing
    repeat(Qt.Key.Key_L)
    assert playback.speed == 0.25
    qtbot.keyRelease(view, Qt.Key.Key_L)
    assert not playback.is_playing
    qtbot.keyRelease(view, Qt.Key.Key_K)
    qtbot.keyClick(view, Qt.Key.Key_L)
    qtbot.keyClick(view, Qt.Key.Key_L)
    assert playback.speed == 2.0
    repeat(Qt.Key.Key_L)
    assert playback.speed == 2.0, "a key that is held does not shift up"
    qtbot.keyClick(view, Qt.Key.Key_J)
    assert playback.speed == -1.0
    qtbot.keyClick(view, Qt.Key.Key_K)
    assert not playback.is_playing
