"""The open cut: read away from the window's thread, drawn, selected from, worked on, exported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from engine.errors import FoleyError
from foley_plugin.jobs.generate import Wish, open_project
from foley_plugin.jobs.parts import parts_of, whole_clip
from foley_plugin.jobs.project import default_project_folder
from foley_plugin.jobs.recut.reopening import reopened_jobs
from foley_plugin.qtmodels.background import Background
from foley_plugin.qtmodels.clip_status import ClipState, ClipStatus, status_of_record
from foley_plugin.qtmodels.cut_reader import CutReader
from foley_plugin.qtmodels.edit_history import EditHistory
from foley_plugin.qtmodels.engine_process import EngineProcess
from foley_plugin.qtmodels.foley_desk import FoleyDesk
from foley_plugin.qtmodels.hit_book import HitBook
from foley_plugin.qtmodels.lanes import ClipKey, Lane, LaneStack, clip_key, lanes_of_cut, seconds
from foley_plugin.qtmodels.picture_time import PictureIndex, SeenPicture, picture_of
from foley_plugin.qtmodels.queue_desk import QueueDesk
from foley_plugin.qtmodels.take_edits import TakeEdits
from foley_plugin.qtmodels.take_shelf import TakeShelf
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler
from foley_plugin.qtmodels.timeline_scene import TimelineScene
from foley_plugin.services.opening import TimelineChoice, choose_timeline, set_rate
from foley_plugin.takes.errors import ProjectLocked
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import ClipRecord, CutRecord, Placement
from foley_plugin.timeline.selection import Selected, select

WishesFor = Callable[[list[Selected]], list[tuple[Selected, Wish]]]

SCENE_SETTLES_MS = 40
"""Changes within this time are painted together; an engine tells its progress at every step."""


class CutSession(QObject):
    """One cut at a time. `scene` is what the timeline draws; it is replaced when a cut is opened."""

    opening = pyqtSignal(str)
    shown = pyqtSignal()
    """The cut is there to be looked at; its media is still being looked for. `opened` follows."""
    checking = pyqtSignal(str)
    """The media are being looked for, in this folder too where one is named; `opened` or `open_failed` follows."""
    opened = pyqtSignal()
    """The cut is there with its media, and can be worked on."""
    open_failed = pyqtSignal(str)
    choice_asked = pyqtSignal(object)
    """A `TimelineChoice`: `choose` one of the file's timelines, and it is opened."""
    locked = pyqtSignal(str)
    """Somebody else has the project open, one sentence; `open_for_reading` shows what is in it all the same."""
    noticed = pyqtSignal(str)
    """Something the editor should know that stops nothing."""
    failed = pyqtSignal(str)
    work_stopped = pyqtSignal(str, str, int)
    """Another cut is shown; of this file, a cut of this name, so many jobs are offered when it is opened again."""
    lanes_changed = pyqtSignal()
    scene_changed = pyqtSignal()
    """States or hits; the lanes are the same."""
    takes_changed = pyqtSignal()
    take_landed = pyqtSignal(str)
    work_changed = pyqtSignal()

    def __init__(self, engine: EngineProcess, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._background = background
        self._store: Store | None = None
        self._may_only_read = False
        self._lock_words = self._hindrance = ""
        """Why the project is not open: who has it, or what else is the matter."""
        self._pictures = PictureIndex([])
        self._cut_lanes: tuple[CutRecord, list[Lane]] | None = None
        """The cut's own tracks, which stay the same while takes come and go."""
        self._in_order: tuple[Mapping[ClipKey, ClipRecord], list[tuple[ClipKey, ClipRecord]]] = ({}, [])
        self._reader = CutReader(background, self)
        self._reader.shown.connect(self._on_shown)
        self._reader.checking.connect(self.checking)
        self._reader.checked.connect(self._on_checked)
        self._reader.read_failed.connect(self.open_failed)
        self._reader.choice_asked.connect(self.choice_asked)
        self._reader.check_failed.connect(self._on_check_failed)
        self._scene_timer = QTimer(self)
        self._scene_timer.setSingleShot(True)
        self._scene_timer.setInterval(SCENE_SETTLES_MS)
        self._scene_timer.timeout.connect(self.scene_changed)
        self.history = EditHistory(self)
        self.history.failed.connect(self.failed)
        self.hit_book = HitBook(self.history, self)
        self.hit_book.changed.connect(self._tell_of_scene)
        self.takes_changed.connect(self.hit_book.follow_takes)
        self.cut: CutRecord | None = None
        self.scene = TimelineScene()
        self.desk: FoleyDesk | None = None
        self.queue: QueueDesk | None = None

    # Open and close

    def open(self, path: Path) -> None:
        """Read a cut; `shown` and `opened`, or `open_failed`, follow. A cut that is open stays until then."""
        self.opening.emit(path.name)
        self._reader.read(path.absolute())

    def find_media(self, folder: Path) -> None:
        """Look for media in a folder too, now and whenever this cut is opened; `opened` follows.

        Where they are being looked for already, the folder's turn comes after that.
        """
        if self.cut is None:
            return
        if self.desk is not None and not self.desk.is_idle:
            self.failed.emit(self.tr("Foley is being made; look for media when it is done, or cancel it."))
            return
        self._reader.look_in(folder, Path(self.cut.path))

    @property
    def store(self) -> Store | None:
        """The open project; None until the cut can be worked on."""
        return self._store

    @property
    def is_checking(self) -> bool:
        """Whether the cut's media is being looked for."""
        return self._reader.is_checking

    def choose(self, choice: TimelineChoice, number: int) -> None:
        """Open one of a file's timelines, counted from 1; it is meant from now on."""
        try:
            choose_timeline(choice.cut, number)
        except FoleyError as error:
            self.open_failed.emit(error.sentence)
            return
        self.open(choice.cut)

    def read_at_rate(self, rate: tuple[int, int]) -> None:
        """Read the EDL that is open with so many frames a second, now and whenever it is opened."""
        if self.cut is None:
            return
        try:
            set_rate(Path(self.cut.path), rate)
        except FoleyError as error:
            self.open_failed.emit(error.sentence)
            return
        self.open(Path(self.cut.path))

    def close(self) -> None:
        self.history.clear()
        self.hit_book.detach()
        if self.desk is not None:
            self.desk.close()
            self.desk.deleteLater()
            self.desk = self.queue = None
        self._drop_store()

    def _drop_store(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _on_shown(self, cut: CutRecord) -> None:
        before, num_jobs = self.cut, 0 if self.desk is None else self.desk.num_jobs
        self.close()
        self._lock_words = self._hindrance = ""
        self._show(cut)
        if before is not None and num_jobs and before.path != cut.path:
            self.work_stopped.emit(before.path, before.name, num_jobs)

    def _show(self, cut: CutRecord) -> None:
        self.cut = cut
        self._pictures = PictureIndex(cut.clips)
        self.scene = self._scene_of(cut)
        self.shown.emit()

    def _on_checked(self, cut: CutRecord) -> None:
        """The same cut again, with its media: what was selected meanwhile stays so."""
        if self.desk is not None and self.cut == cut:
            self.opened.emit()  # a folder with nothing in it that was missed: the queue and the history stay
            self._tell_notices(cut)
            return
        self.close()
        if self.cut is None or self.cut.source_sha256 != cut.source_sha256:
            self._show(cut)  # the file was written again meanwhile
        self.cut = cut
        self._pictures = PictureIndex(cut.clips)
        self._open_desk(cut)
        self._refresh_scene(cut)
        self.opened.emit()
        self.lanes_changed.emit()
        self.takes_changed.emit()
        self._tell_notices(cut)

    def _on_check_failed(self, sentence: str) -> None:
        self._hindrance = sentence
        for key, status in self.scene.statuses.items():
            if status.state is ClipState.CHECKING:
                self.scene.statuses[key] = ClipStatus(ClipState.CANNOT, reason=sentence)
        self.scene_changed.emit()
        self.open_failed.emit(sentence)

    def _tell_notices(self, cut: CutRecord) -> None:
        """The reader's notices; where no clip at all can have foley, why."""
        notices = list(cut.notices)
        if not any(clip.eligible for clip in cut.clips):
            notices = [clip.reason for clip in cut.clips if clip.reason] + notices
        if not notices:
            return
        words = self.tr("{notice} ({count} more notices)")
        if len(notices) <= 2:
            words = "{notice}" if len(notices) == 1 else self.tr("{notice} (1 more notice)")
        self.noticed.emit(words.format(notice=notices[0], count=len(notices) - 1))

    def _open_desk(self, cut: CutRecord) -> None:
        self._lock_words = self._hindrance = ""
        try:
            self._store = self._project_of(cut)
            jobs = reopened_jobs(self._store, cut, parts_of(self._store, cut))
            takes = TakeEdits(self._store, cut, jobs, self.history, self)
        except ProjectLocked as error:
            self._lock_words = error.sentence
            self.locked.emit(error.sentence)
            return
        except FoleyError as error:
            self._drop_store()
            self._hindrance = error.sentence
            self.failed.emit(error.sentence)
            return
        desk = FoleyDesk(self._engine, self._store, cut, takes, self)
        takes.changed.connect(self._on_takes_edited)
        desk.status_changed.connect(self._on_status)
        desk.takes_changed.connect(self._on_takes)
        desk.take_landed.connect(self.take_landed)
        desk.work_changed.connect(self.work_changed)
        desk.failed.connect(self.failed)
        self.hit_book.attach(desk, self._store, cut)
        self.desk = desk
        self.queue = QueueDesk(desk, self._store, cut, desk)
        self.queue.failed.connect(self.failed)

    def _project_of(self, cut: CutRecord) -> Store:
        """The cut's project, copied into; only looked at where the editor has said so."""
        folder = default_project_folder(Path(cut.path))
        if self._may_only_read:
            return Store.open(folder, read_only=True)
        return open_project(cut, folder)

    @property
    def is_read_only(self) -> bool:
        """Whether the project is open, but for looking and listening alone."""
        return self._store is not None and self._store.is_read_only

    def open_for_reading(self) -> None:
        """Show the cut with the takes of a project that somebody else has open; `opened` follows."""
        if self.cut is None or self.is_checking or self._store is not None:
            return
        self._may_only_read = True
        try:
            self._on_checked(self.cut)
        finally:
            self._may_only_read = False

    def _scene_of(self, cut: CutRecord) -> TimelineScene:
        scene = TimelineScene(
            ruler=TimecodeRuler(Fraction(*cut.rate), Fraction(*cut.start), cut.drop_frame),
            duration_s=seconds(cut.duration),
            statuses={clip_key(clip): self._resting_status(clip) for clip in cut.clips},
            clips={clip_key(clip): clip for clip in cut.clips},
            sheet=self.hit_book.sheet,
        )
        scene.stack = self._stack_of(cut)
        return scene

    def _refresh_scene(self, cut: CutRecord) -> None:
        """What the media have told, in the scene that is on the screen."""
        fresh, scene = self._scene_of(cut), self.scene
        scene.duration_s, scene.stack = fresh.duration_s, fresh.stack
        scene.clips, scene.statuses, scene.sheet = fresh.clips, fresh.statuses, fresh.sheet
        scene.selected_clips &= fresh.clips.keys()
        self._keep_selection_seen()

    def _resting_status(self, clip: ClipRecord) -> ClipStatus:
        status = status_of_record(clip)
        if status.state in (ClipState.CANNOT, ClipState.CHECKING) or self.desk is None:
            return status
        return self.desk.status_of(clip_key(clip))

    def _stack_of(self, cut: CutRecord) -> LaneStack:
        shelf = self.desk.shelf if self.desk is not None else TakeShelf()
        if self._cut_lanes is None or self._cut_lanes[0] is not cut:
            self._cut_lanes = (cut, lanes_of_cut(cut))
        return LaneStack([*self._cut_lanes[1], *shelf.lanes(Fraction(*cut.rate))])

    # What is seen and selected

    def picture_at(self, record_s: float) -> tuple[ClipRecord | None, SeenPicture | None]:
        """The topmost clip at a moment and its picture; none where the track is black."""
        clip = self._pictures.clip_at(record_s)
        return clip, None if clip is None else picture_of(clip, record_s)

    @property
    def selected_clips(self) -> list[ClipRecord]:
        """In the order of the timeline; those of selected takes count too."""
        keys = set(self.scene.selected_clips)
        if self.desk is not None:
            shelf = self.desk.shelf
            keys.update(shelf.take(each).clip for each in self.scene.selected_takes if shelf.has(each))
        return [clip for key, clip in self._clips_in_order() if key in keys]

    def _clips_in_order(self) -> list[tuple[ClipKey, ClipRecord]]:
        """Those of the scene, sorted once: what is selected is asked for at every step of an engine."""
        clips = self.scene.clips
        if self._in_order[0] is not clips:
            order = sorted(clips.items(), key=lambda each: (seconds(each[1].record_in), each[1].track))
            self._in_order = (clips, order)
        return self._in_order[1]

    def to_work_on(self) -> list[Selected]:
        """The eligible selected clips; where nothing is selected, what is seen in the marked range.

        Raises:
            SelectionError: nothing in the range can get foley.
        """
        chosen = self.selected_clips
        if chosen:
            return [whole_clip(clip) for clip in chosen if clip.eligible]
        marked = self.scene.marked_range_s
        if marked is None or self.cut is None:
            return []
        in_tc, out_tc = (self.scene.ruler.text(edge_s) for edge_s in marked)
        return select(self.cut, in_tc=in_tc, out_tc=out_tc)

    # Work

    def generate(self, wish: Wish) -> None:
        self._with_desk(lambda desk, selected: desk.generate(selected, wish))

    def generate_each(self, wishes_for: WishesFor) -> None:
        """Make each of the clips to work on by wishes of its own.

        Args:
            wishes_for: may raise a `FoleyError`, whose sentence `failed` tells.
        """

        def work(desk: FoleyDesk, selected: list[Selected]) -> None:
            try:
                wishes = wishes_for(selected)
            except FoleyError as error:
                self.failed.emit(error.sentence)
                return
            desk.generate_each(wishes)

        self._with_desk(work)

    def spot(self) -> None:
        self._with_desk(lambda desk, selected: desk.spot(selected))

    def spot_with_sound(self) -> None:
        """Find the hits of the production sound too, which join those of the picture; of whole clips, whose hits are
        then all told.
        """

        def work(desk: FoleyDesk, selected: list[Selected]) -> None:
            clips = {clip_key(each.clip): whole_clip(each.clip) for each in selected}
            desk.spot(clips.values(), with_guide=True)

        self._with_desk(work)

    def cancel_all(self) -> None:
        if self.desk is not None:
            self.desk.cancel_all()

    def place_take(self, take_id: str) -> None:
        if self.desk is not None:
            self.desk.takes.place(take_id)

    def take_off(self, take_ids: Iterable[str]) -> None:
        if self.desk is None:
            return
        self.desk.takes.take_off(list(take_ids))

    def tell_hindrance(self) -> None:
        """Say, again, why nothing can be done yet with the cut that is shown."""
        if self.is_checking:
            self.failed.emit(self.tr("The cut's media is still being looked for; try again in a moment."))
        elif self._lock_words:
            self.locked.emit(self._lock_words)
        else:
            words = self.tr("The project of this cut cannot be written, so no foley can be made for it.")
            self.failed.emit(self._hindrance or words)

    def _with_desk(self, work: Callable[[FoleyDesk, list[Selected]], object]) -> None:
        if self.is_checking or self.desk is None:
            self.tell_hindrance()
            return
        if self.is_read_only:
            self.failed.emit(
                self.tr(
                    "The project is open for reading only, since somebody else works on it; when it is closed"
                    " there, open this timeline again and make foley."
                )
            )
            return
        try:
            selected = self.to_work_on()
        except FoleyError as error:
            self.failed.emit(error.sentence)
            return
        if selected:
            work(self.desk, selected)
            return
        reasons = [clip.reason for clip in self.selected_clips if clip.reason]
        self.failed.emit(
            reasons[0] if reasons else self.tr("Select a clip first, or mark a range with I and O.")
        )

    # Export

    @property
    def project_folder(self) -> Path | None:
        """Where the cut's takes are; None while no project is open."""
        return self._store.folder if self._store is not None else None

    @property
    def placements(self) -> list[Placement]:
        """What lies on the timeline, and where."""
        return [] if self.desk is None else [take.planned for take in self.desk.shelf.placed()]

    def placed_files(self) -> list[Placement]:
        """The same with files that can be written into a timeline: a take that is slipped is copied.

        Raises:
            TakeMissing: a copy cannot be made.
        """
        return [] if self.desk is None else self.desk.takes.placements()

    # Slots

    def _on_status(self, key: ClipKey, status: ClipStatus) -> None:
        self.scene.statuses[key] = status
        self._tell_of_scene()

    def _tell_of_scene(self) -> None:
        if not self._scene_timer.isActive():
            self._scene_timer.start()

    def _on_takes_edited(self, clips: frozenset[ClipKey]) -> None:
        """Placed, slipped, named or trashed, or that undone: clips with and without takes stand otherwise."""
        if self.desk is None:
            return
        scene = self.scene
        for key in clips:
            if key in scene.statuses and scene.statuses[key].state in (
                ClipState.READY,
                ClipState.DONE,
                ClipState.STALE,
            ):
                scene.statuses[key] = self.desk.status_of(key)
        self._on_takes()

    def _on_takes(self) -> None:
        self._keep_selection_seen()
        if self.cut is not None:
            self.scene.stack = self._stack_of(self.cut)
        self.lanes_changed.emit()
        self.takes_changed.emit()

    def _keep_selection_seen(self) -> None:
        """What has replaced a selected take is selected in its place; one that is gone is not any more."""
        scene, desk = self.scene, self.desk
        scene.selected_takes = set() if desk is None else desk.shelf.seen_of(scene.selected_takes)
