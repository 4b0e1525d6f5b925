"""The queue as an editor handles it: order, pause, cancel, make again, and what a crash left unmade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PyQt6.QtCore import QObject, pyqtSignal

from engine.errors import FoleyError
from foley_plugin.jobs.again import forget_interrupted, interrupted_jobs, jobs_again
from foley_plugin.jobs.errors import CannotRedo
from foley_plugin.jobs.job import Job
from foley_plugin.qtmodels.foley_desk import FoleyDesk
from foley_plugin.takes.records import JobState
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import CutRecord

AGAIN = (JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED)


class QueueDesk(QObject):
    """One open cut's. Ends with it."""

    changed = pyqtSignal()
    """Jobs, their order or their progress; told often while something is made."""
    failed = pyqtSignal(str)

    def __init__(self, desk: FoleyDesk, store: Store, cut: CutRecord, parent: QObject | None = None) -> None:
        """
        Raises:
            ProjectError: the project cannot be read.
        """
        super().__init__(parent)
        self._desk, self._queue, self._store, self._cut = desk, desk.queue, store, cut
        self._interrupted = interrupted_jobs(store, cut)
        desk.work_changed.connect(self.changed)

    @property
    def jobs(self) -> list[Job]:
        """What runs, what waits in its order, what was interrupted, and what is over, the latest first."""
        queue = self._queue
        return [*queue.running, *queue.waiting, *self._interrupted, *queue.ended]

    @property
    def interrupted(self) -> list[Job]:
        return list(self._interrupted)

    @property
    def open_count(self) -> int:
        return len(self._queue.running) + len(self._queue.waiting) + self._desk.intake.waiting

    @property
    def time_left_s(self) -> float | None:
        return self._queue.time_left_s

    @property
    def is_paused(self) -> bool:
        return self._queue.is_paused

    def set_paused(self, is_paused: bool) -> None:
        if is_paused:
            self._queue.pause()
        else:
            self._queue.go_on()
        self._desk.work_changed.emit()

    def move(self, job: Job, by: int) -> None:
        """Later, or with a negative number earlier, among those that wait."""
        waiting = self._queue.waiting
        if job in waiting:
            self.move_to(job, waiting.index(job) + by)

    def move_to(self, job: Job, place: int) -> None:
        """To a place among those that wait, counted from 0."""
        self._queue.move(job, place)
        self._desk.work_changed.emit()

    def forget_ended(self) -> None:
        """List only what is still to be made."""
        for job in self._queue.ended:
            self._queue.forget(job)
        self._desk.work_changed.emit()

    def cancel(self, jobs: Iterable[Job]) -> None:
        """Stop or drop them, keep what landed; those that are over are not listed any more."""
        asked = list(jobs)
        still_open = [job for job in asked if job.is_open]
        over = {job for job in asked if not job.is_open}
        self._forget([job for job in self._interrupted if job in over])
        for job in over:
            self._queue.forget(job)
        self._desk.cancel(still_open)

    def make_again(self, jobs: Iterable[Job]) -> list[Job]:
        """New jobs for what failed, was cancelled or interrupted."""
        made: dict[Job, list[Job]] = {}
        try:
            with self._store.together():
                self._write_again([job for job in jobs if job.state in AGAIN], made)
        except FoleyError as error:
            self.failed.emit(error.sentence)
            return []
        self._forget([job for job in self._interrupted if job in made])
        for job in made:
            self._queue.forget(job)
        fresh = [job for several in made.values() for job in several]
        self._desk.enqueue(fresh)
        return fresh

    def _write_again(self, jobs: Iterable[Job], made: dict[Job, list[Job]]) -> None:
        for job in jobs:
            try:
                made[job] = jobs_again(self._store, self._cut, job)
            except CannotRedo as error:
                self.failed.emit(error.sentence)
            except FoleyError as error:
                self.failed.emit(error.sentence)
                return

    def _forget(self, jobs: Sequence[Job]) -> None:
        """They are not offered again."""
        if not jobs:
            return
        gone = set(jobs)
        self._interrupted = [job for job in self._interrupted if job not in gone]
        try:
            with self._store.together():
                for job in jobs:
                    forget_interrupted(self._store, job)
        except FoleyError as error:
            self.failed.emit(error.sentence)
