"""Draw the next step's batch while this one is computed; batches are functions of the step alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Self, TypeVar

Drawn = TypeVar("Drawn")


class Ahead(Generic[Drawn]):
    """One thread, one step ahead."""

    def __init__(self, draw: Callable[[int], Drawn]) -> None:
        self._draw = draw
        self._thread = ThreadPoolExecutor(1, "draw")
        self._next: tuple[int, Future[Drawn]] | None = None

    def take(self, step: int) -> Drawn:
        """What `draw(step)` gives or raises; step + 1 is begun."""
        if self._next is None or self._next[0] != step:
            self._next = (step, self._thread.submit(self._draw, step))
        drawn = self._next[1].result()
        self._next = (step + 1, self._thread.submit(self._draw, step + 1))
        return drawn

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)
