"""Draw the next steps' batches while this one is computed; batches are functions of the step alone."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Self, TypeVar

from torch.utils.data import DataLoader, Dataset

Drawn = TypeVar("Drawn")

FOREVER = 10**12
"""Steps: a training ends on its own."""


class Ahead(Generic[Drawn]):
    """One thread, one step ahead; or `workers` processes, two steps ahead each, where a GPU is to be kept fed.

    Processes are forked: each draws from the data as it was when the first step was taken. Where a system cannot
    fork, the thread draws.
    """

    def __init__(self, draw: Callable[[int], Drawn], *, workers: int = 0) -> None:
        self._draw = draw
        self._workers = workers if "fork" in multiprocessing.get_all_start_methods() else 0
        self._thread = ThreadPoolExecutor(1, "draw")
        self._next: tuple[int, Future[Drawn]] | None = None
        self._stream: Iterator[Drawn] | None = None
        self._stream_step = 0

    def take(self, step: int) -> Drawn:
        """What `draw(step)` gives or raises; the steps behind it are begun."""
        return self._take_from_processes(step) if self._workers else self._take_from_thread(step)

    def _take_from_thread(self, step: int) -> Drawn:
        if self._next is None or self._next[0] != step:
            self._next = (step, self._thread.submit(self._draw, step))
        drawn = self._next[1].result()
        self._next = (step + 1, self._thread.submit(self._draw, step + 1))
        return drawn

    def _take_from_processes(self, step: int) -> Drawn:
        if self._stream is None or self._stream_step != step:
            loader: DataLoader[Drawn] = DataLoader(
                _Steps(self._draw),
                batch_size=None,
                sampler=range(step, FOREVER),
                num_workers=self._workers,
                multiprocessing_context="fork",
            )
            self._stream = iter(loader)
        self._stream_step = step + 1
        return next(self._stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream = None  # ends its processes
        self._thread.shutdown(cancel_futures=True)


class _Steps(Dataset[Drawn]):
    """The batches of a training, by step."""

    def __init__(self, draw: Callable[[int], Drawn]) -> None:
        self._draw = draw

    def __getitem__(self, step: int) -> Drawn:
        return self._draw(step)
