"""Long names make nothing wider, and a narrow window has room for what matters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import opentimelineio as otio
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.clip_status import ClipState
from foley_plugin.ui.eliding_label import ElidingLabel
from foley_plugin.ui.main_window import MainWindow
from tests.panel.test_panel import FIRST, SECOND, WAIT_MS, generate, item_of, state_of, wait_until_idle

OpenPanel = Callable[..., MainWindow]
CAMERA_NAME = "A014C022_261114_R2EC_Anna_walks_over_gravel_and_opens_the_heavy_barn_door_take_7_pickup_B.mxf"
WIDTH_PX = 900


@pytest.fixture
def long_names(cut_path: Path) -> Path:
    """The cut with the names that cameras and turnovers give."""
    timeline = otio.adapters.read_from_file(str(cut_path))
    timeline.name = f"EP103_REEL2_LOCKED_v27_{CAMERA_NAME}" * 2
    for clip in timeline.find_clips():
        clip.name = CAMERA_NAME
    otio.adapters.write_to_file(timeline, str(cut_path))
    return cut_path


def test_it_leaves_out_what_has_no_room_and_tells_it_on_asking(qtbot: QtBot) -> None:
    label = ElidingLabel(mode=Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(label)
    label.setText("A <b>long</b> & narrow\nname")
    assert label.minimumSizeHint().width() == 0
    label.resize(label.sizeHint())
    label.show()
    assert label.shown_text == label.text() == "A <b>long</b> & narrow name", "one line, and no markup"
    label.setToolTip("/cuts/scene.otio")
    assert label.tip == "/cuts/scene.otio"
    label.resize(60, 20)
    assert label.shown_text.startswith("A") and "…" in label.shown_text and label.shown_text.endswith("e")
    assert label.tip == "A <b>long</b> & narrow name\n/cuts/scene.otio"


def test_neither_long_names_nor_words_of_hits_make_the_window_wider(
    open_panel: OpenPanel, long_names: Path, qtbot: QtBot
) -> None:
    window = open_panel(step_s=0.05, steps_per_take=20, labels=["hammer", "ball", "cloth", "door_wood"])
    window.resize(WIDTH_PX, 700)
    with qtbot.waitSignal(window.session.opened, timeout=WAIT_MS):
        window.file_control.open(long_names)
    widths = {"opened": window.minimumSizeHint().width()}
    window.view.select([item_of(window, FIRST)])
    widths["selected"] = window.minimumSizeHint().width()
    window.sound_control.choose([FIRST], ("hammer", "ball", "cloth", "door_wood"))
    generate(window, FIRST)
    qtbot.waitUntil(lambda: state_of(window, FIRST) is ClipState.GENERATING, timeout=WAIT_MS)
    window.view.select([item_of(window, SECOND)])
    widths["made"] = window.minimumSizeHint().width()
    assert window.status_strip.job_label.text().count(CAMERA_NAME) == 1
    wait_until_idle(window, qtbot)
    window.view.select([item_of(window, FIRST)])
    sheet = window.session.hit_book.sheet
    qtbot.waitUntil(
        lambda: len([take for take in sheet.takes_of(FIRST) if take.wav in sheet.heard]) == 4, timeout=WAIT_MS
    )
    window.playback.seek(0.75)
    window.actions_["tap"].trigger()
    qtbot.waitUntil(lambda: "set by hand" in window.view.accessibleDescription(), timeout=WAIT_MS)
    words = window.view.accessibleDescription()
    for sound in ("Hammer", "Ball", "Cloth", "Door, wood"):
        assert f"{sound}: " in words, "which layer is meant"
    widths["hit"] = window.minimumSizeHint().width()
    assert max(widths.values()) <= WIDTH_PX and window.width() == WIDTH_PX, widths
    facts = [label for label in window.header_bar.findChildren(ElidingLabel) if "fps" in label.text()]
    assert [label.shown_text for label in facts] == [label.text() for label in facts], "the name gives way"


def test_in_a_narrow_window_the_buttons_for_listening_give_way_and_come_back(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    solo = next(
        button
        for button in window.transport_bar.findChildren(QToolButton)
        if button.defaultAction() is window.actions_["solo_foley"]
    )
    window.resize(1280, 720)
    assert solo.isVisible()
    window.resize(300, 720)
    assert window.width() < 720 and not solo.isVisible()
    assert window.actions_["solo_foley"].isEnabled(), "its key and the menu stay"
    window.resize(1280, 720)
    assert solo.isVisible()
