"""Writing down many jobs at once without holding the window up: some now, the rest as there is time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from engine.errors import FoleyError
from foley_plugin.jobs.generate import Wish
from foley_plugin.timeline.selection import Selected

AT_ONCE = 6
"""So many jobs are written down before anything else happens: the first should begin now."""

TURN_S = 0.02
"""After that, each turn of the event loop writes jobs down for so long."""

Asked = tuple[Selected, Wish]


class JobIntake(QObject):
    """Hands jobs on in the order in which they were asked for.

    Args:
        take: writes down one job and queues it; tells of its errors itself.
        together: a block within which all changes of the project wait for the disk once.
    """

    failed = pyqtSignal(str)
    lost = pyqtSignal(object)
    """What was asked for and will not be made, since the project cannot be written: a list of clips with wishes."""

    def __init__(
        self,
        take: Callable[[Selected, Wish], object],
        together: Callable[[], AbstractContextManager[None]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._take, self._together = take, together
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
        count = 0
        try:
            with self._together():
                while self._asked and (count < max(1, least) or time.monotonic() < until_s):
                    self._take(*self._asked.popleft())
                    count += 1
        except FoleyError as error:
            lost = self.drop()
            self.failed.emit(error.sentence)
            self.lost.emit(lost)
        if not self._asked:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()
