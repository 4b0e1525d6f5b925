"""How a clip stands, in one word and a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from PyQt6.QtCore import QCoreApplication

from foley_plugin.timeline.records import ClipRecord


class ClipState(IntEnum):
    """Ordered by how much it is worth showing where many clips share one block."""

    READY = 0
    CANNOT = 1
    DONE = 2
    STALE = 3
    CHECKING = 4
    FAILED = 5
    QUEUED = 6
    SPOTTING = 7
    GENERATING = 8


def state_words(state: ClipState) -> str:
    translate = QCoreApplication.translate
    return {
        ClipState.READY: translate("ClipState", "Ready for foley"),
        ClipState.CANNOT: translate("ClipState", "No foley can be made"),
        ClipState.DONE: translate("ClipState", "Foley made"),
        ClipState.STALE: translate("ClipState", "Hits have changed since this take"),
        ClipState.CHECKING: translate("ClipState", "Checking its media"),
        ClipState.FAILED: translate("ClipState", "Failed"),
        ClipState.QUEUED: translate("ClipState", "Waiting"),
        ClipState.SPOTTING: translate("ClipState", "Looking for hits"),
        ClipState.GENERATING: translate("ClipState", "Making foley"),
    }[state]


@dataclass(frozen=True)
class ClipStatus:
    """`progress` is 0 to 1 while spotting or generating; `reason` a whole sentence for CANNOT and FAILED."""

    state: ClipState = ClipState.READY
    progress: float = 0.0
    reason: str | None = None

    @property
    def is_running(self) -> bool:
        return self.state in (ClipState.SPOTTING, ClipState.GENERATING)

    @property
    def words(self) -> str:
        if self.reason:
            return self.reason
        if self.is_running:
            return f"{state_words(self.state)}, {self.progress:.0%}"
        return state_words(self.state)


RESTING = ClipStatus()


def status_of_record(clip: ClipRecord) -> ClipStatus:
    """What is known from reading the cut alone."""
    if clip.eligible:
        return ClipStatus()
    if clip.is_checking:
        return ClipStatus(ClipState.CHECKING)
    return ClipStatus(ClipState.CANNOT, reason=clip.reason)


def combined(statuses: Iterable[ClipStatus]) -> ClipStatus:
    """The one to show for a nest's clips together."""
    return max(statuses, key=lambda status: status.state, default=RESTING)
