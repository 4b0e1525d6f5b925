"""Takes of the clip in hand: shown as lanes, put on the timeline by their numbers, slipped, named, made anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QPoint, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QKeyEvent
from PyQt6.QtWidgets import QApplication, QMenu

from engine.errors import FoleyError
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.repeating import recipe_text, wish_of
from foley_plugin.qtmodels.foley_desk import FoleyDesk
from foley_plugin.qtmodels.lanes import clip_key, seconds
from foley_plugin.qtmodels.take_edits import TakeEdits
from foley_plugin.qtmodels.take_rows import NUM_KEYS, rows_of
from foley_plugin.qtmodels.take_shelf import ShelfTake, Slot
from foley_plugin.timeline.placement import SAMPLE_RATE
from foley_plugin.timeline.records import ClipRecord
from foley_plugin.ui.take_lane_painter import LaneTime
from foley_plugin.ui.take_lanes import TakeLanes
from foley_plugin.ui.take_listening import TakeListening

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow

MS_SAMPLES = SAMPLE_RATE // 1000

SLIPS = ("slip_earlier", "slip_later", "slip_earlier_ms", "slip_later_ms", "reset_slip")

ROW_MENU = (
    "favourite_take rename_take trash_take",
    "vary_take redo_part extend_take",
    "slip_earlier slip_later slip_earlier_ms slip_later_ms reset_slip",
    "repeat_take use_settings copy_recipe",
)
TRASHED_MENU = ("restore_take", "copy_recipe")

Remake = Callable[[FoleyDesk, ShelfTake], Job]


class TakeControl(QObject):
    """The lanes follow the selected clip or, where none is selected, the one under the playhead.

    What is done to “this take” is done to the row that is marked in the lanes.
    """

    settings_asked = pyqtSignal(object)
    """The `Wish` that a take was made with, for the form."""

    def __init__(self, window: MainWindow, lanes: TakeLanes) -> None:
        super().__init__(window)
        self._window, self._session, self._lanes = window, window.session, lanes
        self._actions = window.actions_
        self._clip: ClipRecord | None = None
        self._placed: dict[Slot, str] = {}
        self._before: dict[Slot, str] = {}
        """What lay in a slot before what lies there now."""
        self.listening = TakeListening(window.playback_control, window.surroundings.background, self)
        lanes.model.wav_of = self._wav_of
        self._connect_lanes()
        self._connect_session()
        self._connect_actions()

    def _connect_lanes(self) -> None:
        lanes = self._lanes
        lanes.list.placed.connect(self._session.place_take)
        lanes.list.favoured.connect(self._toggle_favourite)
        lanes.painter.star_clicked.connect(self._toggle_favourite)
        lanes.list.trashed.connect(self._toggle_trash)
        lanes.list.menu_asked.connect(self._on_menu)
        lanes.model.renamed.connect(self._on_renamed)
        lanes.model.failed.connect(self._session.failed)
        selection = lanes.list.selectionModel()
        assert selection is not None
        selection.currentChanged.connect(self._show_what_can_be_done)

    def _connect_session(self) -> None:
        session, window = self._session, self._window
        session.shown.connect(self._on_shown)
        for signal in (session.opened, session.takes_changed, window.view.selection_changed):
            signal.connect(self.show)
        window.view.range_changed.connect(self._show_what_can_be_done)
        session.take_landed.connect(self._lanes.list.set_current)
        window.playback.position_changed.connect(self._on_position)

    def _connect_actions(self) -> None:
        actions = self._actions
        for number in range(1, NUM_KEYS + 1):
            action = actions[f"take_{number}"]
            action.setAutoRepeat(False)
            action.triggered.connect(lambda _, number=number: self.place_number(number))
        for name in ("match_levels", "best_first", "show_trash"):
            actions[name].setCheckable(True)
        actions["match_levels"].setChecked(True)
        actions["match_levels"].toggled.connect(self.listening.set_matching)
        actions["best_first"].toggled.connect(self.show)
        actions["show_trash"].toggled.connect(self.show)
        actions["compare_takes"].setAutoRepeat(False)
        does: dict[str, Callable[[], None]] = {
            "compare_takes": self._compare,
            "favourite_take": lambda: self._with_take(lambda _, take_id: self._toggle_favourite(take_id)),
            "rename_take": self._lanes.list.rename_current,
            "trash_take": lambda: self._with_take(lambda takes, take_id: takes.trash([take_id])),
            "restore_take": lambda: self._with_take(lambda takes, take_id: takes.restore(take_id)),
            "slip_earlier": lambda: self._slip(-self._frame_samples()),
            "slip_later": lambda: self._slip(self._frame_samples()),
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
            actions[name].triggered.connect(lambda _, work=work: work())
        self._show_what_can_be_done()

    # What is shown

    @property
    def clip(self) -> ClipRecord | None:
        """The clip in hand."""
        selected = self._session.selected_clips
        if len(selected) == 1:
            return selected[0]
        under, _ = self._session.picture_at(self._window.playback.position_s)
        return under if not selected or under in selected else None

    @property
    def take(self) -> ShelfTake | None:
        """The take in hand: the row that is marked."""
        desk, row = self._session.desk, self._lanes.list.current
        return None if desk is None or row is None else desk.shelf.take(row.take_id)

    def show(self) -> None:
        """The lanes as they are now."""
        cut, desk, clip = self._session.cut, self._session.desk, self.clip
        is_other, self._clip = clip is not self._clip, clip
        if cut is None or desk is None or clip is None:
            self._lanes.show_rows([], LaneTime(), self.tr("Select one clip to see its takes."))
            self.listening.show({})
            self._show_what_can_be_done()
            return
        rows = rows_of(
            desk.shelf,
            clip_key(clip),
            Fraction(*cut.rate),
            best_first=self._actions["best_first"].isChecked(),
            with_trash=self._actions["show_trash"].isChecked(),
        )
        row = self._lanes.list.current
        in_hand = row.take_id if row is not None and not is_other else None
        time = LaneTime(seconds(clip.record_in), seconds(clip.record_out), self._window.playback.position_s)
        self._lanes.show_rows(rows, time, self.tr("No takes yet."))
        self._mark_row(desk, [row.take_id for row in rows], in_hand)
        self.listening.show({row.take_id: row.item for row in rows if not row.is_trashed})
        self.listening.refresh()
        self._show_what_can_be_done()

    def _mark_row(self, desk: FoleyDesk, listed: Sequence[str], in_hand: str | None) -> None:
        """In hand is what was just placed; else what is selected on the timeline, what was in hand, the newest."""
        placed = {take.slot: take.take_id for take in desk.shelf.placed() if take.take_id in listed}
        news = [take_id for slot, take_id in placed.items() if self._placed.get(slot, take_id) != take_id]
        for slot, take_id in placed.items():
            last = self._placed.get(slot)
            if last is not None and last != take_id:
                self._before[slot] = last
        self._placed.update(placed)
        selected = list(self._session.scene.selected_takes)
        wishes = [*news, *(selected if len(selected) == 1 else ()), in_hand, *placed.values(), *listed[-1:]]
        self._lanes.list.set_current(next((each for each in wishes if each in listed), None))

    def _on_shown(self) -> None:
        self._before.clear()
        self._placed.clear()
        self._clip = None
        self.show()

    def _on_position(self, time_s: float) -> None:
        self._lanes.list.show_playhead(time_s)
        if not self._session.selected_clips and self.clip is not self._clip:
            self.show()

    def _show_what_can_be_done(self) -> None:
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
        for number in range(1, NUM_KEYS + 1):
            self._actions[f"take_{number}"].setEnabled(self._session.desk is not None)

    # On the timeline, and heard

    def place_number(self, number: int) -> None:
        """The take with this number, in the place of the one that lies there; the playhead stays where it is."""
        for row in self._lanes.model.rows:
            if row.number == number:
                self.listening.end_comparing()
                self._session.place_take(row.take_id)

    def _compare(self) -> None:
        """While the key is held, hear the take that lay there before; or the one in hand, where that is another."""
        desk, take = self._session.desk, self.take
        if desk is None or take is None:
            return
        placed = desk.shelf.placed_in(take.slot)
        other = self._before.get(take.slot) if placed == take.take_id else take.take_id
        if placed is None or other is None or desk.shelf.is_trashed(other):
            self._session.noticed.emit(
                self.tr(
                    "There is nothing to compare with; put another take on the timeline first, or mark one."
                )
            )
            return
        self.listening.compare(placed, other)
        self._lanes.list.show_heard(other)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def _end_comparing(self) -> None:
        self.listening.end_comparing()
        self._lanes.list.show_heard(None)
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Only while comparing: the key is let go, or the window is left."""
        if event is not None and event.type() is QEvent.Type.ApplicationDeactivate:
            self._end_comparing()
        elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyRelease:
            keys = {shortcut[0].key() for shortcut in self._actions["compare_takes"].shortcuts()}
            if not event.isAutoRepeat() and event.key() in keys:
                self._end_comparing()
        return super().eventFilter(watched, event)

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

    def _frame_samples(self) -> int:
        return round(self._session.scene.ruler.frame_s * SAMPLE_RATE)

    # Made anew

    def _remake(self, job_for: Remake) -> None:
        take, desk = self.take, self._session.desk
        if take is None or desk is None:
            return
        try:
            desk.make([job_for(desk, take)])
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
        take = self.take
        if take is not None and take.job is not None:
            self.settings_asked.emit(wish_of(take.job, take.take))

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
