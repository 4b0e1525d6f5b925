"""The spot list beside the timeline: one selection for both, edits kept at once, and the cue sheet."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFileDialog

from engine.errors import FoleyError
from foley_plugin.qtmodels.clip_cues import ClipCues
from foley_plugin.qtmodels.cue_notes import CueNotes, NotesByLayer
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.sound_words import spoken
from foley_plugin.qtmodels.spot_model import SpotModel
from foley_plugin.qtmodels.spot_rows import SpotRow, labels_of_words, spot_rows
from foley_plugin.timeline.records import CutRecord
from foley_plugin.ui.notice_bar import Severity
from foley_plugin.ui.spot_page import SpotTable, SpotTools

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow

PAGE = "spots"
SETTLES_MS = 100


class SpotControl(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._notes: CueNotes | None = None
        self._kept_notes: NotesByLayer = {}
        self._has_new_notes = False
        """Whether `_kept_notes` may be others in the project by now."""
        self._is_leading = False
        self.model = SpotModel(self)
        self.table = SpotTable(self.model, self._spoken_labels)
        self.tools = SpotTools()
        window.workspace.lower_pages.add_page(PAGE, self.tr("Spot list"), self.table, self.tools)
        window.actions_["spot_page"].triggered.connect(lambda: window.workspace.lower_pages.enter_page(PAGE))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLES_MS)
        self._timer.timeout.connect(self.refresh)
        self._connect()

    def _connect(self) -> None:
        session, view = self._session, self._window.view
        session.shown.connect(self._on_shown)
        session.opened.connect(self._on_opened)
        session.take_landed.connect(self._on_take_landed)
        session.takes_changed.connect(self._on_takes)
        session.scene_changed.connect(self._settle)
        session.history.changed.connect(self._settle)
        view.selection_changed.connect(self._follow_timeline)
        self._window.workspace.lower_pages.page_changed.connect(self._on_page)
        self._window.side_panel.sound_form.changed.connect(lambda _: self._settle())
        self.table.edit_ended.connect(lambda: QTimer.singleShot(0, self.refresh))
        self.table.selection_changed.connect(self._lead_timeline)
        self.table.go_asked.connect(lambda row: view.move_playhead(row.record_in_s))
        self.table.menu_asked.connect(lambda at: self._window.work_control.menu().popup(at))
        self.model.modelReset.connect(self._follow_timeline)
        self.model.sound_typed.connect(self.set_sound)
        self.model.note_typed.connect(self.set_note)
        self.tools.filter_typed.connect(self._on_filter)
        self.tools.sheet_asked.connect(self.ask_to_write_sheet)

    # Showing

    @property
    def is_shown(self) -> bool:
        return self._window.workspace.lower_pages.shown_page == PAGE

    def refresh(self) -> None:
        """Bring the table up to date; a hidden one waits until it is shown.

        Rows that come or go wait while a cell is edited: the editor would close, and what was typed be lost.
        """
        if not self.is_shown:
            return
        scene, desk = self._session.scene, self._session.desk
        shelf = None if desk is None else desk.shelf
        self._read_notes()
        rows = spot_rows(scene, shelf, self._window.sound_control.memory, self._kept_notes)
        if self.table.is_editing and not self.model.has_cues_of(rows, scene.ruler):
            return
        self.model.show_rows(rows, scene.ruler)
        self._show_count()

    def _read_notes(self) -> None:
        """Where a note was written or a take has come or gone since: every cue of the project is looked through."""
        if self._has_new_notes and self._notes is not None and self._session.store is not None:
            self._kept_notes = self._notes.read(self._session.scene.clips.values())
            self._has_new_notes = False

    def _settle(self) -> None:
        if self.is_shown and not self._timer.isActive():
            self._timer.start()

    def _spoken_labels(self) -> list[str]:
        return sorted(spoken(label) for label in self._window.surroundings.engine.labels)

    def _on_page(self) -> None:
        self.refresh()
        self._follow_timeline()

    def _on_filter(self, query: str) -> None:
        self.model.set_filter(query)
        self._show_count()

    def _show_count(self) -> None:
        self.tools.show_count(len(self.model.rows), self.model.whole_count)

    # One selection

    def _lead_timeline(self) -> None:
        self._select_on_timeline(self.table.selected_clips())

    def _select_on_timeline(self, keys: set[ClipKey]) -> None:
        lanes = self._session.scene.stack.lanes
        items = [
            item for placed in lanes for item in placed.lane.items if not keys.isdisjoint(item.clip_keys)
        ]
        self._is_leading = True
        self._window.view.select(items)
        self._is_leading = False

    def _follow_timeline(self) -> None:
        if self.is_shown and not self._is_leading:
            self.table.select_clips(
                {ClipKey(clip.track, clip.index) for clip in self._session.selected_clips}
            )

    # Editing

    def take_typed(self) -> None:
        """What is being typed in a cell is kept, as if Return had been pressed."""
        if self.table.is_editing:
            self.table.setFocus()

    def set_sound(self, row: SpotRow, words: str) -> None:
        """What the clip shall sound like with its next take; where it has takes, on the layer of this row alone."""
        labels = labels_of_words(words, self._window.surroundings.engine.labels)
        if labels is None:
            told = self.tr(
                "The model knows no sound “{}”; choose one from its list, or leave the field empty."
            )
            self._window.notice_bar.show_notice(told.format(words), Severity.ERROR)
            return
        if row.slot is None:
            self._window.sound_control.choose([row.clip], labels)
        else:
            self._window.sound_control.choose_on_layer(row.clip, row.layer, labels)
        self.refresh()

    def set_note(self, row: SpotRow, note: str) -> None:
        """Kept in the project at once; can be undone."""
        notes, clip = self._notes, self._session.scene.clips.get(row.clip)
        if notes is None or clip is None:
            told = self.tr("The project of this cut cannot be written, so no note can be kept.")
            self._window.notice_bar.show_notice(told, Severity.ERROR)
            return
        before: dict[int, str] = {}

        def redo() -> None:
            said = notes.keep(clip, row.layer, note)
            for cue_id, text in said.items():
                before.setdefault(cue_id, text)
            self._has_new_notes = True

        def undo() -> None:
            notes.put_back(before)
            self._has_new_notes = True

        words = self.tr("Note on {}").format(row.name)
        if self._session.history.do(words, redo, undo):
            self.refresh()

    # Cue sheet

    def ask_to_write_sheet(self) -> None:
        cut = self._session.cut
        if cut is None or self._session.store is None:
            return
        suggested = Path(cut.path).with_name(f"{Path(cut.path).stem}_cues.csv")
        kinds = self.tr("Table (*.csv);;Page to print (*.html)")
        options = QFileDialog.Option.DontConfirmOverwrite  # nothing is ever overwritten
        path, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Export cue sheet"), str(suggested), kinds, options=options
        )
        if path:
            target = Path(path)
            self.write_sheet(target if target.suffix else target.with_suffix(".csv"))

    def write_sheet(self, target: Path) -> None:
        """Away from the window's thread; the notice bar tells how it ended."""
        from foley_plugin.services.delivery.writing import (
            write_cue_sheet,  # here, since a start needs none of it
        )

        cut, store = self._session.cut, self._session.store
        if cut is None or store is None:
            return
        known: CutRecord = cut
        folder = store.folder
        self._window.surroundings.background.run(
            lambda: write_cue_sheet(known, folder, target, date.today()),
            lambda _: self._on_sheet(target),
            lambda words: self._window.notice_bar.show_notice(words, Severity.ERROR),
        )

    def _on_sheet(self, target: Path) -> None:
        url = QUrl.fromLocalFile(str(target.parent))
        show = (self.tr("Show the folder"), lambda: QDesktopServices.openUrl(url))
        words = self.tr("Wrote the cue sheet {}.")
        self._window.notice_bar.show_notice(words.format(target), Severity.DONE, show)

    # Slots

    def _on_shown(self) -> None:
        self._notes, self._kept_notes = None, {}
        if self.table.is_editing:
            self.table.reset()  # the cell was another cut's
        self.refresh()

    def _on_opened(self) -> None:
        store, desk = self._session.store, self._session.desk
        self._notes = None
        if store is not None and desk is not None:
            self._notes = CueNotes(store, ClipCues(store), desk.shelf)
        self._on_takes()

    def _on_takes(self) -> None:
        self._has_new_notes = True
        self.refresh()

    def _on_take_landed(self, take_id: str) -> None:
        desk = self._session.desk
        if self._notes is None or desk is None:
            return
        clip = self._session.scene.clips.get(desk.shelf.take(take_id).clip)
        try:
            if clip is not None:
                self._notes.hand_on(clip, take_id)
                self._has_new_notes = True
        except FoleyError as error:
            self._window.notice_bar.show_notice(error.sentence, Severity.ERROR)
