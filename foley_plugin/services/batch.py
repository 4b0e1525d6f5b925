"""Requests and jobs run to their end from a command line: the engine pumped until all is done or Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from msgspec import Struct

from engine.errors import FoleyError
from engine.protocol import Spot
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.queue import JobQueue
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.services.spotting import ask_for_hits
from foley_plugin.takes.records import JobState, Spotting
from foley_plugin.takes.store import Store


class RequestFailed(FoleyError):
    """The engine could not do what was asked; its own sentence."""

    code = "request_failed"


class Stop:
    """Whether the user has asked to stop. A second Ctrl-C does not wait for anything."""

    def __init__(self) -> None:
        self.is_set = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        if self.is_set:
            raise KeyboardInterrupt
        self.is_set = True


@contextmanager
def ctrl_c_stops() -> Iterator[Stop]:
    """Within the block, Ctrl-C sets the stop instead of breaking in at any line, so that a take that is
    being stored is stored."""
    stop = Stop()
    previous = signal.signal(signal.SIGINT, stop)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, previous)


class Outcome(Struct, frozen=True):
    """How a batch ended."""

    failures: list[str]
    """One sentence a cause, with the clips that it struck."""
    stopped: bool


def run_jobs(
    store: Store,
    engine: SubprocessEngine,
    jobs: Sequence[Job],
    *,
    stop: Stop,
    on_change: Callable[[Job], None] | None = None,
    finish_running: bool = False,
) -> Outcome:
    """Run jobs to their end. One that fails does not keep the others from running; what landed stays.

    Args:
        finish_running: a stop lets the take in the making end, and drops what comes after it.
    """
    takes_at_stop: dict[Job, int] = {}

    def changed(job: Job) -> None:
        if job.state is JobState.FINISHED:
            engine.note_result()
        if on_change is not None:
            on_change(job)
        if len(job.takes) > takes_at_stop.get(job, len(job.takes)):
            queue.cancel(job)

    queue = JobQueue(store, engine, on_change=changed)
    queue.add(*jobs)
    has_cancelled = False
    while not queue.is_idle:
        if stop.is_set and not has_cancelled:
            has_cancelled = True
            if finish_running:
                takes_at_stop.update((job, len(job.takes)) for job in queue.running)
            for job in queue.waiting if finish_running else (*queue.waiting, *queue.running):
                queue.cancel(job)
            continue
        engine.pump()
    return Outcome(_failures(jobs), stop.is_set)


def _failures(jobs: Sequence[Job]) -> list[str]:
    failed = [job for job in jobs if job.state is JobState.FAILED]
    clips = [(job.selected.clip.name, job.sentence or "") for job in failed]
    return sentences_of(clips, struck_all=len(failed) == len(jobs))


def sentences_of(failures: Sequence[tuple[str, str]], *, struck_all: bool) -> list[str]:
    """One sentence a cause, with the clips that it struck; of (clip's name, sentence).

    Args:
        struck_all: nothing went well, so that a cause that stands alone names no clips.
    """
    clips_of: dict[str, list[str]] = {}
    for clip, sentence in failures:
        clips_of.setdefault(sentence, []).append(clip)
    if len(clips_of) == 1 and struck_all:
        return list(clips_of)
    return [f"{', '.join(clips)}: {sentence}" for sentence, clips in clips_of.items()]


def run_spot(
    engine: SubprocessEngine, request: Spot, *, stop: Stop, on_progress: Callable[[float], None]
) -> Spotting | None:
    """Ask for one clip's hits; None where the user stopped.

    Raises:
        RequestFailed: the engine could not do it, or died.
        EngineLost: there is no engine.
    """
    found: list[Spotting] = []
    ended: list[str | None] = []
    request_id = ask_for_hits(
        engine, request, on_progress=on_progress, on_spotted=found.append, on_ended=ended.append
    )
    while not (found or ended):
        if stop.is_set:
            engine.cancel(request_id)
        engine.pump()
    if found:
        engine.note_result()
        return found[0]
    if ended[0] is not None:
        raise RequestFailed(ended[0])
    return None
