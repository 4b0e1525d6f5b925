"""Jobs one after the other: each to the engine, each take into the store, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.errors import FoleyError
from engine.protocol import Cancelled, Event, Failed, Finished, Generate, Progress, Take
from foley_plugin.jobs.job import Job
from foley_plugin.takes.records import JobState, Spotting
from foley_plugin.takes.store import Store


class Engine(Protocol):
    """Anything that carries out requests. Callbacks run in the thread that drives it."""

    def submit(self, request: Generate, on_event: Callable[[Event], None]) -> int:
        """Hand over a request; returns its id. May raise a `FoleyError`."""
        ...

    def cancel(self, request_id: int) -> None: ...


class JobQueue:
    """Runs jobs first come, first served, one at a time.

    A job that fails never stops those behind it. Nothing here waits: the engine's callbacks drive it.

    Args:
        on_change: told of every job whose state, progress or takes have changed.
    """

    def __init__(
        self, store: Store, engine: Engine, *, on_change: Callable[[Job], None] | None = None
    ) -> None:
        self._store = store
        self._engine = engine
        self._on_change = on_change
        self._waiting: list[Job] = []
        self._running: Job | None = None
        self._request_id: int | None = None
        self._is_starting = False

    @property
    def running(self) -> Job | None:
        return self._running

    @property
    def waiting(self) -> tuple[Job, ...]:
        return tuple(self._waiting)

    @property
    def is_idle(self) -> bool:
        return self._running is None and not self._waiting

    def add(self, *jobs: Job) -> None:
        self._waiting.extend(jobs)
        self._start_next()

    def cancel(self, job: Job) -> None:
        """Take a waiting job out, or ask the engine to stop the running one; finished takes are kept."""
        if job in self._waiting:
            self._waiting.remove(job)
            self._end(job, JobState.CANCELLED)
        elif job is self._running and self._request_id is not None:
            self._engine.cancel(self._request_id)

    def cancel_all(self) -> None:
        for job in self.waiting:
            self.cancel(job)
        if self._running is not None:
            self.cancel(self._running)

    def _start_next(self) -> None:
        if self._is_starting:
            return  # a job that failed at once; the loop below goes on
        self._is_starting = True
        try:
            while self._running is None and self._waiting:
                self._start(self._waiting.pop(0))
        finally:
            self._is_starting = False

    def _start(self, job: Job) -> None:
        self._running = job
        self._request_id = None
        try:
            self._store.set_job_state(job.id, JobState.RUNNING)
            job.start()
            self._changed(job)
            request_id = self._engine.submit(job.request, lambda event: self._on_event(job, event))
        except FoleyError as error:
            if job is self._running:
                self._end_running(job, JobState.FAILED, error.sentence)
            return
        if job is self._running:
            self._request_id = request_id

    def _on_event(self, job: Job, event: Event) -> None:
        if not job.is_open:
            return  # last words of a job that could not be kept
        match event:
            case Progress():
                job.advance(event)
                self._changed(job)
            case Take():
                self._keep(job, event)
            case Finished():
                self._end_running(job, JobState.FINISHED)
            case Cancelled():
                self._end_running(job, JobState.CANCELLED)
            case Failed():
                self._end_running(job, JobState.FAILED, event.sentence)
            case _:
                pass

    def _keep(self, job: Job, take: Take) -> None:
        try:
            job.keep(self._store.add_take(job.cue.id, job.id, take))
            self._keep_hits(job, take)
        except FoleyError as error:
            request_id = self._request_id
            self._end_running(job, JobState.FAILED, error.sentence)
            if request_id is not None:
                self._engine.cancel(request_id)
            return
        self._changed(job)

    def _keep_hits(self, job: Job, take: Take) -> None:
        """The hits that the take was made for stay with its cue; what a person set by hand is not touched."""
        known = self._store.cue(job.cue.key)
        if known is None or known.spotting is None:
            by_hand = job.request.hits is not None
            self._store.set_spotting(job.cue.id, Spotting(take.hits, job.request.curve, by_hand=by_hand))

    def _end_running(self, job: Job, state: JobState, sentence: str | None = None) -> None:
        self._running = None
        self._end(job, state, sentence)
        self._start_next()

    def _end(self, job: Job, state: JobState, sentence: str | None = None) -> None:
        match state:
            case JobState.FINISHED:
                job.finish()
            case JobState.CANCELLED:
                job.cancel()
            case _:
                job.fail(sentence or "The job failed.")
        try:
            self._store.set_job_state(job.id, state, sentence)
        except FoleyError as error:
            job.sentence = job.sentence or error.sentence
        self._changed(job)

    def _changed(self, job: Job) -> None:
        if self._on_change is not None:
            self._on_change(job)
