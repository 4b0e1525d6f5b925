"""The spot list: its rows, its order and filter, and how it goes with the timeline."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("PyQt6.QtWidgets", exc_type=ImportError)

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QGuiApplication, QKeyEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from foley_plugin.jobs.hand_hits import ClipHits, HandEdits, HitPoint
from foley_plugin.qtmodels.clip_status import ClipState, ClipStatus
from foley_plugin.qtmodels.lanes import ClipKey, clip_key
from foley_plugin.qtmodels.sound_memory import SoundMemory
from foley_plugin.qtmodels.spot_model import Column, SpotModel
from foley_plugin.qtmodels.spot_rows import labels_of_words, spot_rows
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.ui.main_window import MainWindow
from foley_plugin.ui.spot_page import SpotTable
from tests.panel.cuts import RATE, START, clip
from tests.panel.test_panel import (
    FIRST,
    SECOND,
    SLOW,
    WAIT_MS,
    generate,
    item_of,
    takes_on_timeline,
    wait_until_idle,
)

OpenPanel = Callable[..., MainWindow]
TEXT = Qt.ItemDataRole.DisplayRole


def scene_of(count: int) -> TimelineScene:
    clips = [clip(f"shot_{n}", n + 1, n * 24, n * 24 + 12 + n) for n in range(count)]
    clips.append(clip("gone", count + 1, count * 24, count * 24 + 24, reason="It is gone."))
    return TimelineScene(ruler=TimecodeRuler(RATE, START), clips={clip_key(each): each for each in clips})


def column_of(model: SpotModel, column: Column) -> list[str]:
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


@pytest.fixture
def table(qtbot: QtBot) -> SpotTable:
    scene = scene_of(4)
    for number, times_s in ((2, (0.1, 0.3)), (3, ())):
        points = tuple(HitPoint(time_s, 1.0) for time_s in times_s)
        scene.sheet.durations_s[ClipKey("V1", number)] = 0.5
        scene.sheet.put(ClipKey("V1", number), ClipHits(by_hand=HandEdits(points)))
    memory = SoundMemory()
    memory.change([ClipKey("V1", 3)], labels=("footstep_gravel", "cloth"))
    notes = {ClipKey("V1", 4): {0: "quieter"}}
    model = SpotModel()
    table = SpotTable(model, lambda: ["Hammer"])
    model.setParent(table)
    qtbot.addWidget(table)
    model.show_rows(spot_rows(scene, None, memory, notes), scene.ruler)
    return table


def test_every_clip_that_can_have_foley_is_a_row(table: SpotTable) -> None:
    model = table.spots
    assert column_of(model, Column.CLIP) == ["shot_0", "shot_1", "shot_2", "shot_3"]
    assert column_of(model, Column.IN)[:2] == ["01:00:00:00", "01:00:01:00"]
    assert column_of(model, Column.OUT)[1] == "01:00:01:13"
    assert column_of(model, Column.HITS) == ["", "2", "0", ""]
    assert column_of(model, Column.SOUND)[2:] == ["Footstep, gravel + Cloth", "From the picture"]
    assert column_of(model, Column.NOTE)[3] == "quieter"
    assert column_of(model, Column.STATE) == ["Ready for foley"] * 4


def test_every_cell_says_itself_to_a_screen_reader(table: SpotTable) -> None:
    model, role = table.spots, Qt.ItemDataRole.AccessibleTextRole
    cells = [model.index(1, column).data(role) for column in Column]
    assert cells[Column.IN] == "In: 01:00:01:00"
    assert cells[Column.HITS] == "Hits: 2"
    assert cells[Column.NOTE] == "Note: none"
    tip = model.index(1, Column.HITS).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "01:00:01:02\n01:00:01:07"


def test_it_sorts_by_any_column_and_finds_words_anywhere(table: SpotTable) -> None:
    model = table.spots
    table.sortByColumn(Column.LENGTH, Qt.SortOrder.DescendingOrder)
    assert column_of(model, Column.CLIP) == ["shot_3", "shot_2", "shot_1", "shot_0"]
    table.sortByColumn(Column.HITS, Qt.SortOrder.AscendingOrder)
    assert column_of(model, Column.CLIP) == ["shot_0", "shot_3", "shot_2", "shot_1"]
    model.set_filter("QUIET v1")
    assert column_of(model, Column.CLIP) == ["shot_3"]
    model.set_filter("trumpet")
    assert model.rowCount() == 0 and model.whole_count == 4
    model.set_filter("")
    assert model.rowCount() == 4


def test_a_change_of_state_moves_no_row_under_the_hand(table: SpotTable) -> None:
    model = table.spots
    table.sortByColumn(Column.STATE, Qt.SortOrder.AscendingOrder)
    scene = scene_of(4)
    scene.statuses[ClipKey("V1", 1)] = ClipStatus(ClipState.GENERATING, 0.5)
    changed: list[int] = []
    model.dataChanged.connect(lambda first, last: changed.append(first.row()))
    model.modelReset.connect(lambda: changed.append(-1))
    before = spot_rows(scene_of(4), None, SoundMemory(), {})
    model.show_rows(before, scene.ruler)
    changed.clear()
    model.show_rows(spot_rows(scene, None, SoundMemory(), {}), scene.ruler)
    assert changed == [0]
    assert column_of(model, Column.STATE)[0] == "Making foley, 50%"


def test_what_is_selected_elsewhere_is_shown_and_told_to_nobody(table: SpotTable) -> None:
    told: list[set[ClipKey]] = []
    table.selection_changed.connect(lambda: told.append(table.selected_clips()))
    keys = {ClipKey("V1", 1), ClipKey("V1", 2), ClipKey("V1", 4)}
    table.select_clips(keys)
    assert table.selected_clips() == keys and told == []
    table.selectRow(2)
    assert told[-1] == {ClipKey("V1", 3)}
    table.selectRow(1)
    table.copy_rows()
    headings, row = (line.split("\t") for line in QGuiApplication.clipboard().text().splitlines())
    assert dict(zip(headings, row, strict=True))["Clip"] == "shot_1"


def editor_of(table: SpotTable, row: int, column: Column) -> QLineEdit:
    table.setFocus()
    table.setCurrentIndex(table.spots.index(row, column))
    table.edit(table.currentIndex())
    (editor,) = table.viewport().findChildren(QLineEdit)
    return editor


@pytest.mark.parametrize("column", [Column.SOUND, Column.NOTE])
def test_a_change_of_state_takes_no_letter_from_what_is_typed(table: SpotTable, column: Column) -> None:
    table.show()
    editor = editor_of(table, 3, column)
    QTest.keyClicks(editor, "her left heel")
    scene = scene_of(4)
    scene.statuses[ClipKey("V1", 4)] = ClipStatus(ClipState.GENERATING, 0.5)
    table.spots.show_rows(spot_rows(scene, None, SoundMemory(), {}), scene.ruler)
    assert column_of(table.spots, Column.STATE)[3] == "Making foley, 50%"
    assert editor.text() == "her left heel"


def test_a_note_is_typed_on_while_takes_land(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel(cut_path, **SLOW)
    table, model = window.spot_control.table, window.spot_control.model
    window.workspace.lower_pages.show_page("spots")
    generate(window, SECOND)
    editor = editor_of(table, 0, Column.NOTE)
    QTest.keyClicks(editor, "her left ")
    wait_until_idle(window, qtbot)
    assert takes_on_timeline(window) and column_of(model, Column.TAKE) == ["", ""], "the list waits"
    QTest.keyClicks(editor, "heel")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: column_of(model, Column.TAKE)[1] != "", timeout=WAIT_MS)
    assert column_of(model, Column.NOTE) == ["her left heel", ""]


def test_a_sound_that_is_typed_counts_for_what_is_made_without_return(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.surroundings.engine.is_ready, timeout=WAIT_MS)
    window.workspace.lower_pages.show_page("spots")
    window.view.select([item_of(window, FIRST)])
    QTest.keyClicks(editor_of(window.spot_control.table, 0, Column.SOUND), "ball")
    window.actions_["generate"].trigger()
    wait_until_idle(window, qtbot)
    assert [take.name for take in takes_on_timeline(window)] == ["ball · seed 0"]


def test_f2_edits_the_cell_though_it_renames_a_take_elsewhere(table: SpotTable) -> None:
    key = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier)
    key.ignore()
    assert table.event(key) and key.isAccepted()
    table.show()
    table.setCurrentIndex(table.spots.index(0, Column.NOTE))
    QTest.keyClick(table, Qt.Key.Key_F2)
    assert table.state() is SpotTable.State.EditingState


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        ("", ()),
        ("hammer", ("hammer",)),
        ("Footstep,  Gravel + cloth", ("footstep_gravel", "cloth")),
        ("footstep_gravel", ("footstep_gravel",)),
        ("trumpet", None),
        ("hammer + ", None),
    ],
)
def test_typed_words_become_labels(words: str, labels: tuple[str, ...] | None) -> None:
    assert labels_of_words(words, ["hammer", "cloth", "footstep_gravel"]) == labels


def test_it_goes_with_the_timeline_and_edits_are_kept(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_panel(cut_path)
    control, scene = window.spot_control, window.session.scene
    table, model = control.table, control.model
    window.workspace.lower_pages.show_page("spots")
    qtbot.waitUntil(lambda: window.surroundings.engine.is_ready, timeout=WAIT_MS)
    assert column_of(model, Column.CLIP) == ["shot_a", "shot_b"], "a clip without film is no cue"

    window.view.select([item_of(window, SECOND)])
    assert table.selected_clips() == {SECOND}
    table.selectRow(0)
    assert scene.selected_clips == {FIRST}
    assert window.side_panel.sound_form.isVisible()
    table.activated.emit(model.index(1, Column.CLIP))
    assert window.playback.position_s == 2.0

    assert model.setData(model.index(0, Column.SOUND), "ball")
    assert window.sound_control.memory.of(FIRST).labels == ("ball",)
    assert window.side_panel.sound_form.sound.words == "Ball"
    model.setData(model.index(0, Column.SOUND), "trumpet")
    assert "trumpet" in window.notice_bar.sentence
    model.setData(model.index(0, Column.NOTE), " softer, please ")
    assert column_of(model, Column.NOTE)[0] == "softer, please"
    assert window.session.history.undo_words == "Note on shot_a"
    window.session.history.undo()
    qtbot.waitUntil(lambda: column_of(model, Column.NOTE)[0] == "", timeout=WAIT_MS)
    window.session.history.redo()

    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    qtbot.waitUntil(lambda: column_of(model, Column.STATE)[0] == "Foley made", timeout=WAIT_MS)
    assert column_of(model, Column.SOUND)[0] == "Ball"
    assert column_of(model, Column.HITS)[0] == "2"
    assert column_of(model, Column.TAKE)[0] == "ball · seed 0"
    sheet = tmp_path / "cues.csv"
    control.write_sheet(sheet)
    qtbot.waitUntil(lambda: "Wrote the cue sheet" in window.notice_bar.sentence, timeout=WAIT_MS)
    (row,) = csv.DictReader(sheet.read_text(encoding="utf-8-sig").splitlines())
    assert (row["Label"], row["Note"]) == ("ball", "softer, please"), "the take took the clip's note over"
    control.write_sheet(sheet)
    qtbot.waitUntil(lambda: "not overwritten" in window.notice_bar.sentence, timeout=WAIT_MS)

    notes = control._notes
    assert notes is not None
    read: list[bool] = []
    monkeypatch.setattr(notes, "read", lambda clips: read.append(True) or {})
    window.hit_control.commands.add(FIRST, 1.0)
    window.session.history.undo()
    window.workspace.lower_pages.show_page("timeline")
    window.session.takes_changed.emit()
    assert not read, "neither for other edits nor while nobody sees the list"
    window.workspace.lower_pages.show_page("spots")
    assert len(read) == 1

    window.close()
    again = open_panel(cut_path)
    again.workspace.lower_pages.show_page("spots")
    assert column_of(again.spot_control.model, Column.NOTE) == ["softer, please", ""]
