"""Where foley is made: the open project, the queue of jobs, and the takes that come of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PyQt6.QtCore import QObject, pyqtSignal

from engine.errors import FoleyError
from foley_plugin.jobs.generate import Wish, make_job, spot_request
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.queue import JobQueue
from foley_plugin.qtmodels.clip_status import ClipState, ClipStatus
from foley_plugin.qtmodels.engine_process import EngineProcess
from foley_plugin.qtmodels.job_intake import JobIntake
from foley_plugin.qtmodels.lanes import ClipKey, clip_key
from foley_plugin.qtmodels.take_edits import TakeEdits
from foley_plugin.qtmodels.take_remaking import TakeRemaking
from foley_plugin.qtmodels.take_shelf import TakeShelf
from foley_plugin.services.spotting import ask_for_hits
from foley_plugin.takes.records import JobState, Spotting
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected


class FoleyDesk(QObject):
    """The work on one cut. Makes nothing itself: jobs go to the engine, takes into the store."""

    status_changed = pyqtSignal(object, object)
    """A `ClipKey` and its `ClipStatus`."""
    takes_changed = pyqtSignal()
    spotted = pyqtSignal(object, object)
    """What was looked at, a `Selected`, and the `Spotting`."""
    heard = pyqtSignal(object, object)
    """As `spotted`, which comes first: the production sound was listened to as well."""
    take_landed = pyqtSignal(str)
    """The id of a take that was put onto the timeline; those that only join the shelf are not told."""
    work_changed = pyqtSignal()
    """`running_words` or `running_fraction` have changed."""
    failed = pyqtSignal(str)

    def __init__(
        self,
        engine: EngineProcess,
        store: Store,
        cut: CutRecord,
        takes: TakeEdits,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._store = store
        self._cut = cut
        self.takes = takes
        self.remaking = TakeRemaking(store, cut)
        self.queue = JobQueue(store, engine, on_change=self._on_job)
        self._spots: dict[int, tuple[ClipKey, float]] = {}
        self._open: dict[ClipKey, dict[Job, None]] = {}
        """Jobs that run or wait, by clip, in the order in which they were asked for."""
        self._is_closed = False
        self._tells_work = True
        self.intake = JobIntake(self._written_down, store.together, self.enqueue, self)
        self.intake.failed.connect(self.failed)
        self.intake.lost.connect(self._on_lost)
        self.wish_for: Callable[[Selected, Wish], Wish] = lambda _selected, wish: wish
        """Adds to a wish what was set by hand over a clip."""
        self.is_stale: Callable[[ClipKey], bool] = lambda _clip: False
        """Whether what was set by hand over a clip has changed since its take was made."""

    @property
    def shelf(self) -> TakeShelf:
        return self.takes.shelf

    @property
    def is_idle(self) -> bool:
        return self.queue.is_idle and not self._spots and not self.intake.waiting

    @property
    def num_jobs(self) -> int:
        """Jobs that run or wait, and are written down: what the project offers again if they are left."""
        return len(self.queue.running) + len(self.queue.waiting)

    @property
    def running_words(self) -> str:
        """What is being done, for the status line."""
        running = self.queue.running
        waiting = len(running) - 1 + len(self.queue.waiting) + self.intake.waiting
        if running:
            name = running[0].selected.clip.name
            if waiting > 0:
                return self.tr("Making foley for {clip}, {count} waiting").format(clip=name, count=waiting)
            return self.tr("Making foley for {clip}").format(clip=name)
        if len(self._spots) > 1:
            return self.tr("Looking for hits in {} clips").format(len(self._spots))
        return self.tr("Looking for hits") if self._spots else ""

    @property
    def running_fraction(self) -> float:
        if self.queue.running:
            return self.queue.running[0].fraction
        return max((fraction for _, fraction in self._spots.values()), default=0.0)

    def generate(self, selected: Iterable[Selected], wish: Wish) -> list[Job]:
        """Queue a job for each clip; those that could be made."""
        jobs = [job for each in selected for job in self._written_down(each, wish)]
        self.enqueue(jobs)
        return jobs

    def _written_down(self, selected: Selected, wish: Wish) -> list[Job]:
        """A job in the project, with what was set by hand over its clip; none where it cannot be made."""
        try:
            return [make_job(self._store, self._cut, selected, self.wish_for(selected, wish))]
        except FoleyError as error:
            self.failed.emit(error.sentence)
            self.tell_status(clip_key(selected.clip))
            return []

    def generate_each(self, wishes: Sequence[tuple[Selected, Wish]]) -> None:
        """A job for each, those behind the first ones written down while the desk goes on."""
        for selected, _ in wishes:
            self.status_changed.emit(clip_key(selected.clip), ClipStatus(ClipState.QUEUED))
        self.intake.add(wishes)

    def enqueue(self, jobs: Sequence[Job]) -> None:
        """Jobs that are written down already."""
        for job in jobs:
            key = clip_key(job.selected.clip)
            self._open.setdefault(key, {})[job] = None
            self.status_changed.emit(key, ClipStatus(ClipState.QUEUED))
        self.queue.add(*jobs)
        self.work_changed.emit()

    def spot(self, selected: Iterable[Selected], *, with_guide: bool = False) -> None:
        """Find the hits of the picture and, where asked for, the onsets of the clips' own sound."""
        for each in selected:
            try:
                self._spot(each, with_guide=with_guide)
            except FoleyError as error:
                self.failed.emit(error.sentence)

    def cancel_all(self) -> None:
        """Stop what runs and drop what waits; finished takes are kept."""
        self._tell_unmade(self.intake.drop())
        self.cancel((*self.queue.waiting, *self.queue.running))
        for request_id in list(self._spots):
            self._engine.cancel(request_id)

    def cancel(self, jobs: Iterable[Job]) -> None:
        """Drop jobs that wait and stop those that run; `work_changed` is told once for all of them."""
        self._tells_work = False
        try:
            self.queue.cancel(*jobs)
        finally:
            self._tells_work = True
        self.work_changed.emit()

    def close(self) -> None:
        """The cut is closed: stop the work and hear no more of it. Jobs that were not made are offered again."""
        self._is_closed = True
        self.intake.drop()
        self.queue.leave()
        for request_id in list(self._spots):
            self._engine.cancel(request_id)

    def status_of(self, clip: ClipKey) -> ClipStatus:
        """How a clip stands that no job works on."""
        if not self.shelf.takes_of(clip):
            return ClipStatus(ClipState.READY)
        return ClipStatus(ClipState.STALE if self.is_stale(clip) else ClipState.DONE)

    def tell_status(self, clip: ClipKey) -> None:
        """Say again how a clip stands, unless a job works on it and says so itself."""
        looked_at = [key for key, _ in self._spots.values()]
        if clip not in looked_at and clip not in self._open:
            self.status_changed.emit(clip, self.status_of(clip))

    # Spotting

    def _spot(self, selected: Selected, *, with_guide: bool) -> None:
        key = clip_key(selected.clip)

        def on_progress(fraction: float) -> None:
            if self._is_closed:
                return
            self._spots[request_id] = (key, fraction)
            self.status_changed.emit(key, ClipStatus(ClipState.SPOTTING, fraction))
            self.work_changed.emit()

        def on_ended(sentence: str | None) -> None:
            self._spots.pop(request_id, None)
            if self._is_closed:
                return
            self.status_changed.emit(key, self.status_of(key))
            self.work_changed.emit()
            if sentence is not None:
                self.failed.emit(sentence)

        def on_spotted(spotting: Spotting) -> None:
            self._engine.note_result()
            on_ended(None)
            if not self._is_closed:
                self.spotted.emit(selected, spotting)
                if with_guide:
                    self.heard.emit(selected, spotting)

        request_id = ask_for_hits(
            self._engine,
            spot_request(self._cut, selected, with_guide=with_guide),
            on_progress=on_progress,
            on_spotted=on_spotted,
            on_ended=on_ended,
        )
        self._spots[request_id] = (key, 0.0)
        self.status_changed.emit(key, ClipStatus(ClipState.SPOTTING))
        self.work_changed.emit()

    # Jobs

    def _on_lost(self, asked: Sequence[tuple[Selected, Wish]]) -> None:
        self._tell_unmade(asked)
        self.work_changed.emit()

    def _tell_unmade(self, asked: Sequence[tuple[Selected, Wish]]) -> None:
        """Clips whose jobs will not be written down stand as they did."""
        for key in {clip_key(selected.clip) for selected, _ in asked}:
            self.tell_status(key)

    def _on_job(self, job: Job) -> None:
        if self._is_closed:
            return
        key = clip_key(job.selected.clip)
        self._note_open(job, key)
        self._land(job)
        if job.state is JobState.FINISHED:
            self._engine.note_result()
        self.status_changed.emit(key, self._status_of_job(self._open_job(key) or job, key))
        if self._tells_work:
            self.work_changed.emit()
        if job.state is JobState.FAILED and job.sentence:
            words = self.tr("{clip}: {reason}")
            self.failed.emit(words.format(clip=job.selected.clip.name, reason=job.sentence))

    def _open_job(self, key: ClipKey) -> Job | None:
        """What is still to be made for a clip: where several layers are, one is done before the others."""
        jobs = self._open.get(key, ())
        running = (job for job in jobs if job.state is JobState.RUNNING)
        return next(running, next(iter(jobs), None))

    def _note_open(self, job: Job, key: ClipKey) -> None:
        jobs = self._open.setdefault(key, {})
        if job.is_open:
            jobs[job] = None
        else:
            jobs.pop(job, None)
        if not jobs:
            del self._open[key]

    def _land(self, job: Job) -> None:
        try:
            landed = self.takes.land(job)
        except FoleyError as error:
            self.failed.emit(error.sentence)
            return
        if landed.takes:
            self.takes_changed.emit()
        if landed.placed is not None:
            self.take_landed.emit(str(landed.placed.id))

    def _status_of_job(self, job: Job, key: ClipKey) -> ClipStatus:
        match job.state:
            case JobState.QUEUED:
                return ClipStatus(ClipState.QUEUED)
            case JobState.RUNNING:
                return ClipStatus(ClipState.GENERATING, job.fraction)
            case JobState.FAILED if not job.takes:
                return ClipStatus(ClipState.FAILED, reason=job.sentence)
            case _:
                return self.status_of(key)
