"""One cue's way to its takes: its state, its progress, and the transitions that it may make."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.protocol import Generate, Progress
from foley_plugin.takes.records import Cue, JobState, StoredTake
from foley_plugin.timeline.placement import CuePlan
from foley_plugin.timeline.selection import Selected


@dataclass(eq=False)
class Job:
    """A request for takes of one cue.

        queued -> running -> finished
           |         |-----> failed
           '---------'-----> cancelled

    Takes that landed stay, however the job ends. A job may go back from running to queued.
    """

    id: int
    cue: Cue
    selected: Selected
    plan: CuePlan
    request: Generate
    """Its id is 0 until the engine's client gives it one."""
    state: JobState = JobState.QUEUED
    stage: str = ""
    fraction: float = 0.0
    takes: list[StoredTake] = field(default_factory=list)
    sentence: str | None = None
    """Why it failed, for the user."""
    hits_by_hand: bool | None = None
    """Whether a person has set the hits that are asked for; None where the request itself must tell."""
    layers: frozenset[int] | None = None
    """All that the clip is to have, see `Wish.layers`; not known any more of a job of an earlier day."""

    @property
    def is_open(self) -> bool:
        return self.state in (JobState.QUEUED, JobState.RUNNING)

    @property
    def follows_hand(self) -> bool:
        """Whether its hits are a person's, not found ones that came along with a take that it is made from."""
        if self.request.hits is None:
            return False
        return self.request.original is None if self.hits_by_hand is None else self.hits_by_hand

    def start(self) -> None:
        self._leave(JobState.QUEUED)
        self.state = JobState.RUNNING

    def advance(self, progress: Progress) -> None:
        self._leave(JobState.RUNNING)
        self.stage = progress.stage
        self.fraction = max(self.fraction, min(1.0, progress.fraction))

    def keep(self, take: StoredTake) -> None:
        self._leave(JobState.RUNNING)
        self.takes.append(take)
        self.takes.sort(key=lambda take: take.seed)  # the order asked for; on a cluster they land in any

    def finish(self) -> None:
        self._leave(JobState.RUNNING)
        self.state = JobState.FINISHED
        self.fraction = 1.0

    def wait_again(self) -> None:
        """The engine was lost before a take landed: as if the job had not begun."""
        self._leave(JobState.RUNNING)
        self.state, self.stage, self.fraction = JobState.QUEUED, "", 0.0

    def fail(self, sentence: str) -> None:
        self._leave(JobState.QUEUED, JobState.RUNNING)
        self.state = JobState.FAILED
        self.sentence = sentence

    def cancel(self) -> None:
        self._leave(JobState.QUEUED, JobState.RUNNING)
        self.state = JobState.CANCELLED

    def _leave(self, *allowed: JobState) -> None:
        assert self.state in allowed, f"a job that is {self.state} is asked to change"
