"""Threads that share each pass. They sleep between passes, so that they take nothing from other programs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Crew:
    """`num_threads` threads, the caller's among them, that call a function with their number and its arguments."""

    def __init__(self, num_threads: int) -> None:
        self._work: Callable[..., None] | None = None
        self._arguments: tuple[Any, ...] = ()
        self._calls = [threading.Semaphore(0) for _ in range(num_threads - 1)]
        for number, call in enumerate(self._calls, 1):
            threading.Thread(target=self._serve, args=(number, call), daemon=True).start()

    def run(self, work: Callable[..., None], *arguments: Any) -> None:
        """Returns when the caller's share is done; the work itself waits for the others'."""
        self._work, self._arguments = work, arguments
        for call in self._calls:
            call.release()
        work(0, *arguments)
        self._arguments = ()  # by now every thread has taken them; kept, they would hold what `release` gives back

    def dismiss(self) -> None:
        self._work = None
        for call in self._calls:
            call.release()

    def _serve(self, number: int, call: threading.Semaphore) -> None:
        while True:
            call.acquire()
            if self._work is None:
                return
            self._work(number, *self._arguments)
