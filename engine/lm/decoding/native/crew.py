"""Threads that share each pass. They sleep between passes, so that they take nothing from other programs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Crew:
    """`num_threads` threads, the caller's among them, that call one function with their number and its arguments."""

    def __init__(self, num_threads: int, work: Callable[..., None]) -> None:
        self._work = work
        self._arguments: tuple[Any, ...] | None = None
        self._calls = [threading.Semaphore(0) for _ in range(num_threads - 1)]
        for number, call in enumerate(self._calls, 1):
            threading.Thread(target=self._serve, args=(number, call), daemon=True).start()

    def run(self, *arguments: Any) -> None:
        """Returns when the caller's share is done; the work itself waits for the others'."""
        self._arguments = arguments
        for call in self._calls:
            call.release()
        self._work(0, *arguments)

    def dismiss(self) -> None:
        self._arguments = None
        for call in self._calls:
            call.release()

    def _serve(self, number: int, call: threading.Semaphore) -> None:
        while True:
            call.acquire()
            if self._arguments is None:
                return
            self._work(number, *self._arguments)
