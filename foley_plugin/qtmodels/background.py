"""Work that would block the window, done in a thread; its result comes back into the UI's thread."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QRunnable, QThreadPool, pyqtSignal

from engine.errors import FoleyError

Work = Callable[[], object]
Done = Callable[[object], None]
Failed = Callable[[str], None]


class Background(QObject):
    """Runs jobs in a few threads of its own. After `close` nothing is delivered any more."""

    _ended = pyqtSignal(object, object, object)

    def __init__(self, parent: QObject | None = None, *, num_threads: int = 2) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(num_threads)
        self._is_closed = False
        self._ended.connect(self._on_ended)

    def run(self, work: Work, on_done: Done, on_failed: Failed) -> None:
        """Do `work`, then call one of the two in the UI's thread; a `FoleyError` gives its sentence."""
        self._pool.start(_Runnable(work, self._report, on_done, on_failed))

    def close(self, wait_ms: int = 2000) -> None:
        self._is_closed = True
        self._pool.clear()
        self._pool.waitForDone(wait_ms)

    def _report(self, callback: Callable[..., None], value: object, error: Exception | None) -> None:
        if not self._is_closed:
            self._ended.emit(callback, value, error)

    def _on_ended(self, callback: Callable[..., None], value: object, error: Exception | None) -> None:
        if self._is_closed:
            return
        if error is not None and not isinstance(error, FoleyError):
            callback(self.tr("Something went wrong inside the panel; its log tells what."))
            raise error
        callback(str(error) if error is not None else value)


class _Runnable(QRunnable):
    def __init__(self, work: Work, report: Callable[..., None], on_done: Done, on_failed: Failed) -> None:
        super().__init__()
        self._work, self._report = work, report
        self._on_done, self._on_failed = on_done, on_failed

    def run(self) -> None:
        try:
            value = self._work()
        except Exception as error:  # raised again in the UI's thread
            self._report(self._on_failed, None, error)
        else:
            self._report(self._on_done, value, None)
