"""Jobs in order: as many at once to the engine as it can use, each take into the store, whatever happens."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from engine.errors import FoleyError
from engine.protocol import Cancelled, Event, Failed, Finished, Generate, Progress, Take
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.pace import Pace, sound_s
from foley_plugin.takes.records import JobState, Spotting
from foley_plugin.takes.store import Store

ENGINE_LOST = "engine_lost"
"""The code of a request that ended because its engine did."""

MAX_ENDED = 200
"""Further back nobody looks."""


class Engine(Protocol):
    """Anything that carries out requests. Callbacks run in the thread that drives it."""

    def submit(self, request: Generate, on_event: Callable[[Event], None]) -> int:
        """Hand over a request; returns its id. May raise a `FoleyError`."""
        ...

    def cancel(self, request_id: int) -> None: ...

    @property
    def parallel(self) -> int:
        """So many requests are worth having open at once."""
        ...


class JobQueue:
    """Runs jobs first come, first served, as many at a time as the engine can use.

    A job that fails never stops those behind it. One that was lost with its engine while others ran beside it
    is run again, alone: another may have been to blame. Nothing here waits: the engine's callbacks drive it.

    Args:
        on_change: told of every job whose state, progress or takes have changed.
        now_s: seconds of a clock that only goes on.
    """

    def __init__(
        self,
        store: Store,
        engine: Engine,
        *,
        on_change: Callable[[Job], None] | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._engine = engine
        self._on_change = on_change
        self._waiting: list[Job] = []
        self._waiting_s = 0.0
        """Of sound: all that waits, counted as it comes and goes, since it is asked for at every step."""
        self._ended: deque[Job] = deque(maxlen=MAX_ENDED)
        self._running: dict[Job, int | None] = {}
        """With the request's id, None while it is handed over."""
        self._with_others: set[Job] = set()
        self._alone: set[Job] = set()
        self._is_starting = False
        self._is_paused = False
        self._pace = Pace(now_s)

    @property
    def running(self) -> tuple[Job, ...]:
        return tuple(self._running)

    @property
    def waiting(self) -> tuple[Job, ...]:
        return tuple(self._waiting)

    @property
    def ended(self) -> tuple[Job, ...]:
        """Those that are over, however they ended, the latest first."""
        return tuple(self._ended)

    @property
    def is_idle(self) -> bool:
        return not self._running and not self._waiting

    @property
    def is_paused(self) -> bool:
        return self._is_paused

    @property
    def time_left_s(self) -> float | None:
        """Until all is made that was asked for, by how it went so far; None where nothing has been made yet."""
        return self._pace.time_left_s(self._running, self._waiting_s if self._waiting else 0.0)

    def add(self, *jobs: Job) -> None:
        self._waiting.extend(jobs)
        self._waiting_s += sum(map(sound_s, jobs))
        self._fill()

    def pause(self) -> None:
        """What runs is made to its end; nothing else begins."""
        self._is_paused = True

    def go_on(self) -> None:
        self._is_paused = False
        self._fill()

    def move(self, job: Job, to: int) -> None:
        """Give a waiting job another place among those that wait, counted from 0."""
        if job in self._waiting:
            self._waiting.remove(job)
            self._waiting.insert(min(max(0, to), len(self._waiting)), job)

    def forget(self, job: Job) -> None:
        """It is not told among those that have ended any more."""
        if job in self._ended:
            self._ended.remove(job)

    def leave(self) -> None:
        """Stop everything and mark nothing as cancelled: what was not made can be asked for another day."""
        self._waiting.clear()
        self._waiting_s = 0.0
        for request_id in self._running.values():
            if request_id is not None:
                self._engine.cancel(request_id)

    def cancel(self, *jobs: Job) -> None:
        """Take waiting jobs out, and ask the engine to stop running ones; finished takes are kept.

        However many they are, none of them begins meanwhile, and the disk is waited for once.
        """
        asked = set(jobs)
        dropped = [job for job in self._waiting if job in asked]
        if dropped:
            self._waiting = [job for job in self._waiting if job not in asked]
            self._waiting_s -= sum(map(sound_s, dropped))
            self._end_waiting(dropped)
        for job in jobs:
            request_id = self._running.get(job)
            if request_id is not None:
                self._engine.cancel(request_id)

    def cancel_all(self) -> None:
        self.cancel(*self._waiting, *self._running)

    def _fill(self) -> None:
        if self._is_starting:
            return  # a job that failed at once; the loop below goes on
        self._is_starting = True
        try:
            while self._waiting and not self._is_paused and len(self._running) < self._room(self._waiting[0]):
                job = self._waiting.pop(0)
                self._waiting_s -= sound_s(job)
                self._start(job)
        finally:
            self._is_starting = False

    def _room(self, job: Job) -> int:
        is_alone = job in self._alone or not self._alone.isdisjoint(self._running)
        return 1 if is_alone else max(1, self._engine.parallel)

    def _start(self, job: Job) -> None:
        self._running[job] = None
        if len(self._running) > 1:
            self._with_others.update(self._running)
        try:
            self._store.set_job_state(job.id, JobState.RUNNING)
            job.start()
            self._changed(job)
            request_id = self._engine.submit(job.request, lambda event: self._on_event(job, event))
        except FoleyError as error:
            if job in self._running:
                self._end_running(job, JobState.FAILED, error.sentence)
            return
        if job in self._running:
            self._running[job] = request_id

    def _on_event(self, job: Job, event: Event) -> None:
        if not job.is_open:
            return  # last words of a job that could not be kept
        match event:
            case Progress():
                job.advance(event)
                self._pace.went_on()
                self._changed(job)
                self._fill()  # only an engine that has become ready tells how much it can use
            case Take():
                self._keep(job, event)
            case Finished():
                self._end_running(job, JobState.FINISHED)
            case Cancelled():
                self._end_running(job, JobState.CANCELLED)
            case Failed(code=code) if code == ENGINE_LOST and job in self._with_others and not job.takes:
                self._run_again_alone(job)
            case Failed():
                self._end_running(job, JobState.FAILED, event.sentence)
            case _:
                pass

    def _keep(self, job: Job, take: Take) -> None:
        try:
            job.keep(self._store.add_take(job.cue.id, job.id, take))
            self._keep_hits(job, take)
        except FoleyError as error:
            request_id = self._running.get(job)
            self._end_running(job, JobState.FAILED, error.sentence)
            if request_id is not None:
                self._engine.cancel(request_id)
            return
        self._changed(job)

    def _keep_hits(self, job: Job, take: Take) -> None:
        """The hits that the take was made for stay with its cue; what a person set by hand is not touched."""
        known = self._store.cue(job.cue.key)
        if known is None or known.spotting is None:
            curve, by_hand = job.request.curve, job.follows_hand
            kept = Spotting(
                take.hits,
                curve,
                by_hand=by_hand,
                curve_by_hand=curve is not None,
                spotted_hits=None if by_hand or curve is None else take.hits,
            )
            self._store.set_spotting(job.cue.id, kept)

    def _run_again_alone(self, job: Job) -> None:
        del self._running[job]
        self._with_others.discard(job)
        self._waiting.insert(sum(waiting in self._alone for waiting in self._waiting), job)
        self._waiting_s += sound_s(job)
        self._alone.add(job)
        job.wait_again()
        self._changed(job)
        self._fill()

    def _end_running(self, job: Job, state: JobState, sentence: str | None = None) -> None:
        self._running.pop(job, None)
        self._end(job, state, sentence)
        self._pace.ended(job, is_last=not self._running)
        self._fill()

    def _end_waiting(self, jobs: Sequence[Job]) -> None:
        sentence = None
        try:
            with self._store.together():
                for job in jobs:
                    self._store.set_job_state(job.id, JobState.CANCELLED)
        except FoleyError as error:
            sentence = error.sentence
        for job in jobs:
            job.cancel()
            job.sentence = job.sentence or sentence
            self._ended.appendleft(job)
        for job in jobs:
            self._changed(job)

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
        self._ended.appendleft(job)
        self._changed(job)

    def _changed(self, job: Job) -> None:
        if self._on_change is not None:
            self._on_change(job)
