"""Takes of the clip in hand: shown as lanes, put on the timeline by their numbers, compared."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QTimer
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication

from foley_plugin.qtmodels.foley_desk import FoleyDesk
from foley_plugin.qtmodels.lanes import clip_key, seconds
from foley_plugin.qtmodels.take_rows import NUM_KEYS, rows_of
from foley_plugin.qtmodels.take_shelf import Slot
from foley_plugin.timeline.records import ClipRecord
from foley_plugin.ui.take_commands import TakeCommands
from foley_plugin.ui.take_lane_painter import LaneTime
from foley_plugin.ui.take_lanes import TakeLanes
from foley_plugin.ui.take_listening import TakeListening
from foley_plugin.ui.take_mouse import TakeMouse

if TYPE_CHECKING:
    from foley_plugin.ui.main_window import MainWindow


class TakeControl(QObject):
    """The lanes follow the selected clip or, where none is selected, the one under the playhead.

    `commands` are what is done to one take: to the row that is marked in the lanes.
    """

    def __init__(self, window: MainWindow, lanes: TakeLanes) -> None:
        super().__init__(window)
        self._window, self._session, self._lanes = window, window.session, lanes
        self._actions = window.actions_
        self._clip: ClipRecord | None = None
        self._placed: dict[Slot, str] = {}
        self._before: dict[Slot, str] = {}
        """What lay in a slot before what lies there now."""
        self._selected: set[str] = set()
        """Takes that were selected on the timeline when it was looked last."""
        self.listening = TakeListening(window.playback_control, window.surroundings.background, self)
        self.commands = TakeCommands(window, lanes)
        self.mouse = TakeMouse(window)
        lanes.list.placed.connect(self._session.place_take)
        lanes.list.edit_ended.connect(lambda: QTimer.singleShot(0, self.show))
        self._connect_session()
        self._connect_actions()

    def _connect_session(self) -> None:
        session, window = self._session, self._window
        session.shown.connect(self._on_shown)
        for signal in (session.opened, session.takes_changed, window.view.selection_changed):
            signal.connect(self.show)
        window.playback.position_changed.connect(self._on_position)
        window.hit_control.book.changed.connect(self._lanes.repaint_waves)
        self._lanes.painter.onsets_of = self._onsets_of

    def _connect_actions(self) -> None:
        actions = self._actions
        for number in range(1, NUM_KEYS + 1):
            action = actions[f"take_{number}"]
            action.triggered.connect(lambda _, number=number: self.place_number(number))
        for name in ("match_levels", "best_first", "show_trash"):
            actions[name].setCheckable(True)
        actions["match_levels"].setChecked(True)
        actions["match_levels"].toggled.connect(self.listening.set_matching)
        actions["best_first"].toggled.connect(self.show)
        actions["show_trash"].toggled.connect(self.show)
        actions["compare_takes"].triggered.connect(lambda: self._compare())

    # What is shown

    @property
    def clip(self) -> ClipRecord | None:
        """The clip in hand."""
        selected = self._session.selected_clips
        if len(selected) == 1:
            return selected[0]
        under, _ = self._session.picture_at(self._window.playback.position_s)
        return under if not selected or under in selected else None

    def show(self) -> None:
        """The lanes as they are now; while a take is renamed they wait, so that the name is not lost."""
        if self._lanes.list.is_editing:
            return
        cut, desk, clip = self._session.cut, self._session.desk, self.clip
        is_other, self._clip = clip is not self._clip, clip
        if is_other and self.listening.compared is not None:
            self._end_comparing()
        if cut is None or desk is None or clip is None:
            self._lanes.show_rows([], LaneTime(), self.tr("Select one clip to see its takes."))
            self.listening.show({})
            self.commands.show_what_can_be_done()
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
        self._window.hit_control.hear(row.item.media for row in rows if row.item.media is not None)
        self.commands.show_what_can_be_done()

    def _mark_row(self, desk: FoleyDesk, listed: Sequence[str], in_hand: str | None) -> None:
        """In hand is what was just placed or selected on the timeline; else what was, what is placed, the newest."""
        clip = self._clip
        on_timeline = [] if clip is None else desk.shelf.placed_of(clip_key(clip))
        placed = {take.slot: take.take_id for take in on_timeline}
        news = [take_id for slot, take_id in placed.items() if self._placed.get(slot) != take_id]
        for slot, take_id in placed.items():
            last = self._placed.get(slot)
            if last is not None and last != take_id:
                self._before[slot] = last
        self._placed.update(placed)
        selected, before = set(self._session.scene.selected_takes), self._selected
        self._selected = selected
        wishes = [
            *(news if in_hand is not None else ()),
            *(selected if len(selected) == 1 and selected != before else ()),
            in_hand,
            *placed.values(),
            *listed[-1:],
        ]
        self._lanes.list.set_current(next((each for each in wishes if each in listed), None))

    def _onsets_of(self, wav: str) -> list[float]:
        heard = self._window.hit_control.book.sheet.heard
        return [onset.time_s for onset in heard.get(wav, ())]

    def _on_shown(self) -> None:
        self._before.clear()
        self._placed.clear()
        self._clip = None
        if self._lanes.list.is_editing:
            self._lanes.list.reset()  # the take was another cut's
        self.show()

    def _on_position(self, time_s: float) -> None:
        self._lanes.list.show_playhead(time_s)
        scene = self._session.scene
        if not scene.selected_clips and not scene.selected_takes and self.clip is not self._clip:
            self.show()

    # On the timeline, and heard

    def place_number(self, number: int) -> None:
        """The take with this number, in the place of the one that lies there; the playhead stays where it is."""
        for row in self._lanes.model.rows:
            if row.number == number:
                self._end_comparing()
                self._session.place_take(row.take_id)

    def _compare(self) -> None:
        """Hear the take that lay there before; or the one in hand, where that is another.

        While the key is held, or until it is asked for again: who chose it in the menu holds no key.
        """
        if self.listening.compared is not None:
            self._end_comparing()
            return
        desk, take = self._session.desk, self.commands.take
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
