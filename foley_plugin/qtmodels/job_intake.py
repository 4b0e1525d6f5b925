"""Writing down many jobs at once without holding the window up: some now, the rest as there is time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from engine.errors import FoleyError
from foley_plugin.jobs.generate import Wish
from foley_plugin.jobs.job import Job
from foley_plugin.timeline.selection import Selected

AT_ONCE = 6
"""So many jobs are written down before anything else happens: the first should begin now."""

TURN_S = 0.02
"""After that, each turn of the event loop writes jobs down for so long."""

Asked = tuple[Selected, Wish]


class JobIntake(QObject):
    """Hands jobs on in the order in which they were asked for, each only when it lies safe on the disk.

    Args:
        take: writes down one job; tells of its errors itself, and gives none then.
        together: a block within which all changes of the project wait for the disk once.
        hand_on: told of jobs that are written down.
    """

    failed = pyqtSignal(str)
    lost = pyqtSignal(object)
    """What was asked for and will not be made, since the project cannot be written: a list of clips with wishes."""

    def __init__(
        self,
        take: Callable[[Selected, Wish], Iterable[Job]],
        together: Callable[[], AbstractContextManager[None]],
        hand_on: Callable[[Sequence[Job]], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._take, self._together, self._hand_on = take, together, hand_on
        self._asked: deque[Asked] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(lambda: self._write_down(0, TURN_S))

    @property
    def waiting(self) -> int:
        """Jobs that are asked for and not yet written down."""
        return len(self._asked)

    def add(self, asked: Iterable[Asked]) -> None:
        is_first = not self._asked
        self._asked.extend(asked)
        if is_first:
            self._write_down(AT_ONCE, 0.0)

    def drop(self) -> list[Asked]:
        """What was not written down yet is not made; what it was."""
        dropped = list(self._asked)
        self._asked.clear()
        self._timer.stop()
        return dropped

    def _write_down(self, least: int, for_s: float) -> None:
        until_s = time.monotonic() + for_s
        turn: list[Asked] = []
        jobs: list[Job] = []
        try:
            with self._together():
                while self._asked and (len(turn) < max(1, least) or time.monotonic() < until_s):
                    turn.append(self._asked.popleft())
                    jobs.extend(self._take(*turn[-1]))
        except FoleyError as error:
            lost = [*turn, *self.drop()]  # none of this turn's is in the project either
            self.failed.emit(error.sentence)
            self.lost.emit(lost)
        else:
            self._hand_on(jobs)
        if not self._asked:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()
