"""The export: target, preflight with mends, where things will lie, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from PyQt6 import sip
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from foley_plugin.qtmodels.export_plan import (
    FILES,
    TARGET_ORDER,
    ExportOrder,
    MendBoard,
    hindrance_of,
    next_free,
    path_for,
    suggested_path,
)
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.services.hand_back import read_hand_backs
from foley_plugin.services.settings import read_settings
from foley_plugin.timeline.out.records import Exported
from foley_plugin.timeline.preflight.findings import Finding, Mend, Severity
from foley_plugin.ui.export_dialog import ExportDialog
from foley_plugin.ui.findings_table import MEND
from foley_plugin.ui.main_window import MainWindow
from tests.panel.test_panel import generate, wait_until_idle

OpenPanel = Callable[..., MainWindow]
WAIT_MS = 60_000
FIRST = ClipKey("V1", 1)


def ask(window: MainWindow, qtbot: QtBot) -> ExportDialog:
    window.actions_["export"].trigger()
    dialog = window.manners.export_control.dialog
    assert dialog is not None
    return dialog


def choose(dialog: ExportDialog, target_name: str) -> None:
    dialog.target_box.setCurrentIndex(dialog.target_box.findData(target_name))


def test_from_the_target_over_a_mend_to_the_written_file(
    open_panel: OpenPanel, cut_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    dialog = ask(window, qtbot)
    assert not dialog.export_button.isEnabled() and "no take" in dialog.trouble.text()
    dialog.path_edit.setText("~nobody-of-this-name")  # is no error
    dialog.reject()
    generate(window, FIRST)
    wait_until_idle(window, qtbot)

    dialog = ask(window, qtbot)
    assert dialog.target_name == "resolve" and not dialog.isModal()
    assert dialog.path == cut_path.with_name(f"{cut_path.stem}_foley.otio")
    qtbot.waitUntil(lambda: dialog.findings.rowCount() > 0, timeout=WAIT_MS)
    gone = [row for row, found in enumerate(dialog.findings.board.findings) if "is offline" in found.what]
    assert gone and dialog.export_button.text() == "Export anyway"
    assert not dialog.findings.board.is_ticked(gone[0])  # it would touch the cut's own clips
    item = dialog.findings.item(gone[0], MEND)
    assert item is not None
    item.setCheckState(Qt.CheckState.Checked)
    assert dialog.findings.board.is_ticked(gone[0])
    dialog.mend_button.click()
    assert not dialog.mend_button.isVisible() and dialog.export_button.text() == "Export"
    path = dialog.path
    with qtbot.waitSignal(dialog.exported, timeout=WAIT_MS):
        dialog.export_button.click()
    items = json.loads(path.read_text())["tracks"]["children"][0]["children"]
    assert [item["OTIO_SCHEMA"].split(".")[0] for item in items] == ["Clip", "Clip", "Gap"]
    assert str(path) in window.notice_bar.sentence
    assert window.manners.export_control.dialog is None

    dialog = ask(window, qtbot)
    assert dialog.path == path.with_stem(f"{path.stem}_2")
    choose(dialog, "fcp7xml")
    assert dialog.path.suffix == ".xml" and dialog.path != path
    dialog.path_edit.setText(str(path))
    assert not dialog.export_button.isEnabled()
    choose(dialog, FILES)
    assert dialog.path.suffix == "" and dialog.export_button.isEnabled()
    dialog.options.stems_box.setChecked(True)
    folder = dialog.path
    with qtbot.waitSignal(dialog.exported, timeout=WAIT_MS):
        dialog.export_button.click()
    assert list(folder.glob("Stems/*.wav")) and list(folder.glob("*_cues.csv"))
    assert read_settings(tmp_path / "settings.json").target_nle == FILES


def test_what_cannot_be_written_is_told_in_the_dialog(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    dialog = ask(window, qtbot)
    cut_path.write_text(cut_path.read_text() + " ")
    dialog.export_button.click()
    qtbot.waitUntil(lambda: "has changed since it was read" in dialog.trouble.text(), timeout=WAIT_MS)
    assert dialog.isVisible() and dialog.export_button.isEnabled()


def test_only_what_was_looked_at_is_said_to_have_nothing_in_its_way(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_panel(cut_path)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    background, held = window.surroundings.background, []
    monkeypatch.setattr(background, "run", lambda *work: held.append(work))
    dialog = ask(window, qtbot)

    def type_a_letter() -> None:
        dialog.path_edit.setText(str(dialog.path.with_stem(f"{dialog.path.stem}x")))

    type_a_letter()
    assert "Looking at what" in dialog.found_words.text()
    _, _, on_failed = held.pop()
    on_failed("The cut has changed since it was read.")
    type_a_letter()
    assert "has changed" in dialog.found_words.text() and dialog.export_button.text() == "Export anyway"
    choose(dialog, "fcpxml")
    type_a_letter()
    assert "Looking at what" in dialog.found_words.text() and dialog.export_button.text() == "Export"
    held.pop()[1](Exported(None, [], []))
    type_a_letter()
    assert "Nothing stands" in dialog.found_words.text()


def test_takes_that_land_while_it_is_open_are_looked_at(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    window = open_panel(cut_path)
    dialog = ask(window, qtbot)
    qtbot.waitUntil(lambda: dialog.findings.rowCount() > 0, timeout=WAIT_MS)
    assert not dialog.export_button.isEnabled() and "no take" in dialog.trouble.text()
    (gone,) = (row for row, found in enumerate(dialog.findings.board.findings) if "offline" in found.what)
    dialog.findings.board.tick(gone, True)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    assert dialog.trouble.text() == "" and "one take" in dialog._where.text()
    assert "Looking at what" in dialog.found_words.text() and dialog.findings.rowCount() == 0
    qtbot.waitUntil(lambda: dialog.findings.rowCount() > 0, timeout=WAIT_MS)
    assert dialog.export_button.isEnabled()
    board = dialog.findings.board
    (gone,) = (row for row, found in enumerate(board.findings) if "offline" in found.what)
    assert board.is_ticked(gone)  # as it was asked for before
    with qtbot.waitSignal(dialog.exported, timeout=WAIT_MS):
        dialog.export_button.click()


def test_it_can_be_left_before_anything_is_found_and_not_while_it_is_written(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_panel(cut_path)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    background, held = window.surroundings.background, []
    monkeypatch.setattr(background, "run", lambda *work: held.append(work))
    dialog = ask(window, qtbot)
    dialog.reject()
    QApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete)
    assert sip.isdeleted(dialog)
    work, on_done, on_failed = held.pop()
    on_done(work())
    on_failed("Too late.")

    dialog = ask(window, qtbot)
    path = dialog.path
    dialog.export_button.click()
    assert not dialog.cancel_button.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.close() and dialog.isVisible()
    work, on_done, _ = held.pop()
    on_done(work())
    assert path.exists() and str(path) in window.notice_bar.sentence

    dialog = ask(window, qtbot)
    path = dialog.path
    dialog.export_button.click()
    window.session.shown.emit()  # another cut
    assert not dialog.isVisible() and window.manners.export_control.dialog is None
    work, on_done, on_failed = held.pop()
    on_failed("The disk is full.")
    assert window.notice_bar.sentence == "The disk is full."


def test_a_name_is_suggested_that_is_free_and_fits_the_target(tmp_path: Path) -> None:
    cut = tmp_path / "reel.v2.otio"
    cut.touch()
    first = suggested_path(cut, tmp_path, "resolve")
    assert first.name == "reel.v2_foley.otio"
    first.touch()
    assert path_for(first, "aaf").name == "reel.v2_foley.aaf"
    assert path_for(first, "premiere").name == "reel.v2_foley_2.otio"
    assert path_for(tmp_path / "reel.v2", "fcpxml").name == "reel.v2.fcpxml"
    assert next_free(first).name == "reel.v2_foley_2.otio"
    assert suggested_path(cut, tmp_path, FILES) == tmp_path / "reel.v2_foley"
    assert hindrance_of(first) == "taken"
    assert hindrance_of(tmp_path / "new.otio") is None
    assert hindrance_of(Path("")) == "name" == hindrance_of(Path("new.otio"))
    assert all(path_for(cut, name).parent == tmp_path for name in TARGET_ORDER)


def test_a_folder_that_may_not_be_looked_into_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hindrance_of(tmp_path / "stems") is None
    (tmp_path / "stems").mkdir()
    assert hindrance_of(tmp_path / "stems") is None

    def refuse(_: Path) -> list[Path]:
        raise PermissionError

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert hindrance_of(tmp_path / "stems") == "taken"


def test_mends_of_the_users_own_clips_wait_to_be_asked_for() -> None:
    own = Finding(Severity.ERROR, "V1:1", "What.", "Remedy.", Mend.LEAVE_OUT, (0, 1))
    take = Finding(Severity.ERROR, "a.wav", "What.", "Remedy.", Mend.TRIM_TAKE, (), 0)
    told = Finding(Severity.WARNING, "V1:2", "What.", "Remedy.")
    board = MendBoard([own, take, told])
    assert [board.is_ticked(row) for row in range(3)] == [False, True, False]
    assert (board.num_mendable, board.num_unticked, board.num_errors_left) == (2, 1, 1)
    board.tick(2, True)
    board.tick_all()
    assert [board.is_ticked(row) for row in range(3)] == [True, True, False]
    assert [mend.mend for mend in board.mends] == [Mend.LEAVE_OUT, Mend.TRIM_TAKE]
    assert board.num_errors_left == 0


def test_ticks_follow_the_findings_that_are_still_there() -> None:
    own = Finding(Severity.ERROR, "V1:1", "What.", "Remedy.", Mend.LEAVE_OUT, (0, 1))
    take = Finding(Severity.ERROR, "a.wav", "What.", "Remedy.", Mend.TRIM_TAKE, (), 0)
    before = MendBoard([own, take])
    before.tick(0, True)
    before.tick(1, False)
    other = Finding(Severity.ERROR, "b.wav", "What.", "Remedy.", Mend.TRIM_TAKE, (), 0)
    now = MendBoard([other, replace(take, take=1), own])
    now.follow(before)
    assert [now.is_ticked(row) for row in range(3)] == [True, False, True]


def test_export_adds_a_track_and_leaves_the_source_as_it_was(
    open_panel: OpenPanel, cut_path: Path, qtbot: QtBot
) -> None:
    before = cut_path.read_bytes()
    window = open_panel(cut_path)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    dialog = ask(window, qtbot)
    target = cut_path.with_name("out.otio")
    dialog.path_edit.setText(str(target))
    with qtbot.waitSignal(dialog.exported, timeout=WAIT_MS):
        dialog.export_button.click()
    kinds = [track["kind"] for track in json.loads(target.read_text())["tracks"]["children"]]
    assert kinds == ["Video", "Audio"]
    assert cut_path.read_bytes() == before
    (handed_back,) = read_hand_backs(cut_path.with_suffix(".foley"))
    assert handed_back.timeline == str(target)
    assert str(target) in window.notice_bar.sentence


def test_export_never_overwrites(open_panel: OpenPanel, cut_path: Path, qtbot: QtBot) -> None:
    window = open_panel(cut_path)
    generate(window, FIRST)
    wait_until_idle(window, qtbot)
    for target in (cut_path, cut_path.with_name("taken.otio")):
        if not target.exists():
            target.write_text("precious")
        before, told = target.read_bytes(), list[str]()
        order = ExportOrder("resolve", target)
        window.manners.export_control.exporter.export(order, lambda exported: None, told.append)
        qtbot.waitUntil(lambda told=told: bool(told), timeout=WAIT_MS)
        assert target.read_bytes() == before
