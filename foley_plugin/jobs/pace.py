"""How fast sound is made on this machine, and from it how long the rest will take."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from foley_plugin.jobs.job import Job
from foley_plugin.takes.records import JobState

LEAST_MADE_S = 0.5
"""Of sound; less of it tells nothing of how long the rest takes."""


def sound_s(job: Job) -> float:
    """Seconds of sound that a job asks for, all its takes together."""
    return job.request.num_samples / job.request.sample_rate * len(job.request.wav_paths)


class Pace:
    """Seconds that pass for a second of sound, over all that was made; jobs that run side by side count together.

    The clock runs while something is being made: neither while the model loads nor between jobs.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._since_s: float | None = None
        self._busy_s = 0.0
        self._made_s = 0.0

    def went_on(self) -> None:
        """The engine tells that it makes something."""
        if self._since_s is None:
            self._since_s = self._now_s()

    def ended(self, job: Job, *, is_last: bool) -> None:
        """A job is over; `is_last` where nothing runs beside it."""
        if job.state is JobState.FINISHED:
            self._made_s += sound_s(job)
        else:
            self._made_s += sound_s(job) * job.fraction
        if is_last and self._since_s is not None:
            self._busy_s += self._now_s() - self._since_s
            self._since_s = None

    def time_left_s(self, running: Iterable[Job], waiting_s: float) -> float | None:
        """`waiting_s` is the sound of the jobs that wait, see `sound_s`."""
        left_s, made_s = waiting_s, self._made_s
        for job in running:
            made_s += sound_s(job) * job.fraction
            left_s += sound_s(job) * (1 - job.fraction)
        busy_s = self._busy_s + (0.0 if self._since_s is None else self._now_s() - self._since_s)
        return left_s * busy_s / made_s if made_s >= LEAST_MADE_S else None
