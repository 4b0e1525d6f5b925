"""Many processes on this machine, each with one thread and one shard at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

from engine.training.prepare.executor import TICK_S
from engine.training.prepare.manifest import DataError
from engine.training.prepare.work import (
    MAX_DEATHS_AT_A_SHARD,
    Job,
    ShardDone,
    ShardWork,
    make_shard,
    note_file,
)

MAX_DEATHS_BEFORE_A_CLIP = 2

_stop: Event | None = None
"""In a worker: set when the run is given up."""


@dataclass(frozen=True)
class Processes:
    """Pools of one process each: a death then is one shard's alone, and disturbs nobody else."""

    workers: int

    def run(self, job: Job, work: Sequence[ShardWork]) -> Generator[ShardDone | None, None, None]:
        """See `Executor.run`."""
        stop = multiprocessing.get_context("spawn").Event()
        waiting, deaths = deque(work), Counter[int]()
        idle = [_pool(stop) for _ in range(min(self.workers, len(work)))]
        busy: dict[Future[ShardDone], tuple[ProcessPoolExecutor, ShardWork]] = {}
        try:
            while waiting or busy:
                while idle and waiting:
                    pool, shard = idle.pop(), waiting.popleft()
                    busy[pool.submit(_make, job, shard)] = (pool, shard)
                done, _ = wait(busy, timeout=TICK_S, return_when=FIRST_COMPLETED)
                for future in done:
                    pool, shard = busy.pop(future)
                    try:
                        made = future.result()
                    except BrokenProcessPool:
                        pool.shutdown(wait=False)
                        idle.append(_pool(stop))
                        deaths[shard.number] += 1
                        _refuse_endless(job, shard, deaths[shard.number])
                        waiting.appendleft(shard)
                    else:
                        idle.append(pool)
                        yield made
                if not done:
                    yield None
        finally:
            stop.set()
            for pool in [*idle, *(pool for pool, _ in busy.values())]:
                pool.shutdown(wait=True, cancel_futures=True)


def _refuse_endless(job: Job, shard: ShardWork, deaths: int) -> None:
    has_begun = note_file(Path(job.out), shard.number).exists()
    if deaths > (MAX_DEATHS_AT_A_SHARD if has_begun else MAX_DEATHS_BEFORE_A_CLIP):
        raise DataError(
            f"The processes that make shard {shard.number} die again and again: look whether memory is short, "
            "and take fewer --workers."
        )


def _pool(stop: Event) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(stop,))


def _begin(stop: Event) -> None:
    """In a fresh worker. Ctrl-C reaches the whole group; it is the parent who then says stop, between two clips."""
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """A parent that was killed says nothing, and its worker would wait for ever; what is written is whole anyway."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _make(job: Job, shard: ShardWork) -> ShardDone:
    return make_shard(job, shard, _should_stop)


def _should_stop() -> bool:
    return _stop is not None and _stop.is_set()
