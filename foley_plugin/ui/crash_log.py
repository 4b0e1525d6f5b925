"""What went wrong, written down: Python's exceptions, Qt's messages, crashes of the process itself.

An exception in a slot would abort the program (PyQt6); with a hook of our own it is logged and the
window lives on.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PyQt6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

MAX_LOG_BYTES = 1024 * 1024

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


@contextmanager
def keep_crash_log(path: Path) -> Iterator[logging.Logger]:
    """Within the block everything unexpected goes to `path`; where that cannot be written, to stderr."""
    log = logging.getLogger("foley_plugin")
    handler = _handler(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    previous = sys.excepthook, threading.excepthook
    sys.excepthook = _logging_hook(log)
    threading.excepthook = lambda unhandled: log.error(
        "in thread %s", unhandled.thread.name if unhandled.thread else "?", exc_info=unhandled.exc_value
    )
    qInstallMessageHandler(_qt_handler(log))
    faulthandler.enable(handler.stream if isinstance(handler, logging.StreamHandler) else sys.stderr)
    try:
        yield log
    finally:
        faulthandler.disable()
        qInstallMessageHandler(None)
        sys.excepthook, threading.excepthook = previous
        log.removeHandler(handler)
        handler.close()


def _handler(path: Path) -> logging.StreamHandler:  # type: ignore[type-arg]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return RotatingFileHandler(path, maxBytes=MAX_LOG_BYTES, backupCount=1, encoding="utf-8")
    except OSError:
        return logging.StreamHandler()


def _logging_hook(log: logging.Logger):  # type: ignore[no-untyped-def]
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.error("unexpected", exc_info=(kind, error, trace))

    return hook


def _qt_handler(log: logging.Logger):  # type: ignore[no-untyped-def]
    def handle(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
        log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)

    return handle
