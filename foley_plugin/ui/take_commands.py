"""What is done to the take in hand: named, favoured, trashed, slipped, made anew, its recipe copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QPoint, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QMenu

from engine.errors import FoleyError
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.repeating import recipe_text
from foley_plugin.qtmodels.foley_desk import FoleyDesk
from foley_plugin.qtmodels.take_edits import TakeEdits
from foley_plugin.qtmodels.take_shelf import ShelfTake
from foley_plugin.timeline.placement import SAMPLE_RATE
from foley_plugin.ui.take_lanes import TakeLanes

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow

MS_SAMPLES = SAMPLE_RATE // 1000

SLIPS = ("slip_earlier", "slip_later", "slip_earlier_ms", "slip_later_ms", "reset_slip")

ROW_MENU = (
    "favourite_take rename_take trash_take",
    "vary_take redo_part extend_take",
    "slip_earlier slip_later slip_earlier_ms slip_later_ms reset_slip",
    "repeat_take use_settings save_cast copy_recipe",
)
TRASHED_MENU = ("restore_take", "copy_recipe")

Remake = Callable[[FoleyDesk, ShelfTake], Job]


class TakeCommands(QObject):
    """Ties the commands to the row that is marked in the lanes: the take in hand."""

    settings_asked = pyqtSignal(object)
    """A `ShelfTake` whose settings the form shall take on."""

    def __init__(self, window: MainWindow, lanes: TakeLanes) -> None:
        super().__init__(window)
        self._window, self._session, self._lanes = window, window.session, lanes
        self._actions = window.actions_
        lanes.model.wav_of = self._wav_of
        lanes.painter.star_clicked.connect(self._toggle_favourite)
        lanes.list.trashed.connect(self._toggle_trash)
        lanes.list.menu_asked.connect(self._on_menu)
        lanes.model.renamed.connect(self._on_renamed)
        lanes.model.failed.connect(self._session.failed)
        selection = lanes.list.selectionModel()
        assert selection is not None
        selection.currentChanged.connect(self.show_what_can_be_done)
        window.view.range_changed.connect(self.show_what_can_be_done)
        self._connect_actions()
        self.show_what_can_be_done()

    def _connect_actions(self) -> None:
        does: dict[str, Callable[[], None]] = {
            "favourite_take": lambda: self._with_take(lambda _, take_id: self._toggle_favourite(take_id)),
            "rename_take": self._lanes.list.rename_current,
            "trash_take": lambda: self._with_take(lambda takes, take_id: takes.trash([take_id])),
            "restore_take": lambda: self._with_take(lambda takes, take_id: takes.restore(take_id)),
            "slip_earlier": lambda: self._with_take(lambda takes, take_id: takes.slip_frames(take_id, -1)),
            "slip_later": lambda: self._with_take(lambda takes, take_id: takes.slip_frames(take_id, 1)),
            "slip_earlier_ms": lambda: self._slip(-MS_SAMPLES),
            "slip_later_ms": lambda: self._slip(MS_SAMPLES),
            "reset_slip": lambda: self._with_take(lambda takes, take_id: takes.reset_slip(take_id)),
            "redo_part": self._redo_part,
            "vary_take": lambda: self._remake(lambda desk, take: desk.remaking.vary(take)),
            "extend_take": lambda: self._remake(lambda desk, take: desk.remaking.extend(take)),
            "repeat_take": lambda: self._remake(lambda desk, take: desk.remaking.repeat(take)),
            "copy_recipe": self._copy_recipe,
            "use_settings": self._use_settings,
        }
        for name, work in does.items():
            self._actions[name].triggered.connect(lambda _, work=work: work())

    @property
    def take(self) -> ShelfTake | None:
        """The take in hand: the row that is marked."""
        desk, row = self._session.desk, self._lanes.list.current
        return None if desk is None or row is None else desk.shelf.take(row.take_id)

    def show_what_can_be_done(self) -> None:
        """Commands that would do nothing are grey."""
        take, desk, row = self.take, self._session.desk, self._lanes.list.current
        has_take = take is not None and desk is not None and row is not None
        for name in ("rename_take", "favourite_take", "copy_recipe", "use_settings", *SLIPS):
            self._actions[name].setEnabled(has_take)
        for name in ("repeat_take", "vary_take"):
            self._actions[name].setEnabled(has_take)
        is_trashed = has_take and row is not None and row.is_trashed
        self._actions["trash_take"].setEnabled(has_take and not is_trashed)
        self._actions["restore_take"].setEnabled(is_trashed)
        self._actions["compare_takes"].setEnabled(has_take)
        marked = self._session.scene.marked_range_s
        can_redo = can_extend = False
        if take is not None and desk is not None:
            can_redo = marked is not None and desk.remaking.reaches(take, *marked)
            can_extend = desk.remaking.is_short(take)
        self._actions["redo_part"].setEnabled(can_redo)
        self._actions["extend_take"].setEnabled(can_extend)

    # What is done to the take in hand

    def _with_take(self, work: Callable[[TakeEdits, str], None]) -> None:
        take, desk = self.take, self._session.desk
        if take is not None and desk is not None:
            work(desk.takes, take.take_id)

    def _toggle_favourite(self, take_id: str) -> None:
        desk = self._session.desk
        if desk is not None:
            desk.takes.set_favourite(take_id, not desk.shelf.mark(take_id).is_favourite)

    def _toggle_trash(self, take_id: str) -> None:
        desk = self._session.desk
        if desk is None:
            return
        if desk.shelf.is_trashed(take_id):
            desk.takes.restore(take_id)
        else:
            desk.takes.trash([take_id])

    def _on_renamed(self, take_id: str, name: str) -> None:
        if self._session.desk is not None:
            self._session.desk.takes.rename(take_id, name)

    def _slip(self, by_samples: int) -> None:
        self._with_take(lambda takes, take_id: takes.slip(take_id, by_samples))

    # Made anew

    def _remake(self, job_for: Remake) -> None:
        take, desk = self.take, self._session.desk
        if take is None or desk is None:
            return
        try:
            desk.enqueue([job_for(desk, take)])
        except FoleyError as error:
            self._session.failed.emit(error.sentence)

    def _redo_part(self) -> None:
        marked = self._session.scene.marked_range_s
        if marked is not None:
            self._remake(lambda desk, take: desk.remaking.redo_part(take, *marked))

    def _copy_recipe(self) -> None:
        clipboard, take = QGuiApplication.clipboard(), self.take
        if clipboard is not None and take is not None:
            clipboard.setText(recipe_text(take.take))
            self._session.noticed.emit(self.tr("The recipe of this take is on the clipboard."))

    def _use_settings(self) -> None:
        if self.take is not None:
            self.settings_asked.emit(self.take)

    def _wav_of(self, take_id: str) -> Path:
        desk = self._session.desk
        assert desk is not None, "only an open cut lists takes"
        return desk.takes.wav_of(take_id)

    # The menu of a row

    def menu(self) -> QMenu:
        """What the right mouse button offers for the take in hand."""
        menu = QMenu(self._window)
        row = self._lanes.list.current
        groups = TRASHED_MENU if row is not None and row.is_trashed else ROW_MENU
        for number, names in enumerate(groups):
            if number:
                menu.addSeparator()
            for name in names.split():
                menu.addAction(self._actions[name])
        return menu

    def _on_menu(self, at: QPoint) -> None:
        self.menu().popup(at)
