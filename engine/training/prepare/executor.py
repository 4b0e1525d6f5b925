"""The one interface of those who share the work of a preparation among processes or machines."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol

from engine.training.prepare.work import Job, ShardDone, ShardWork

TICK_S = 1.0
"""How often a run that is waiting says so, so that its progress can be shown."""


class Executor(Protocol):
    """Makes shards in any order. What is made is the same whoever does it."""

    def run(self, job: Job, work: Sequence[ShardWork]) -> Generator[ShardDone | None, None, None]:
        """Each shard as it is done, and None about once a second while nothing is.

        A worker that dies costs a try of its clip and no more. Closing the iterator stops the workers; what they
        have finished stays.

        Raises:
            DataError: workers die before they come to a clip, or again and again.
            FoleyError: what a worker raised that is no matter of one clip.
        """
        ...
