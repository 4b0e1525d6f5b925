"""What went wrong, written down: Python's exceptions, Qt's messages, crashes of the process itself.

An exception in a slot would abort the program (PyQt6); with a hook of our own it is logged and the
window lives on. A crash leaves its trace in a file of its own, which the next start finds.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO

from PyQt6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

LOG_NAME = "panel.log"
CRASH_NAME = "panel-crash.txt"
LAST_CRASH_NAME = "panel-last-crash.txt"
MAX_LOG_BYTES = 1024 * 1024

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


@contextmanager
def keep_crash_log(folder: Path) -> Iterator[Path | None]:
    """Within the block everything unexpected goes to files in `folder`; to stderr where it cannot be written.

    Gives the trace of the crash that ended the previous run, None where that ended well.
    """
    log = logging.getLogger("foley_plugin")
    handler = _handler(folder)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    previous = sys.excepthook, threading.excepthook
    sys.excepthook = _Hook(log)
    threading.excepthook = lambda unhandled: log.error("in a thread", exc_info=unhandled.exc_value)
    qInstallMessageHandler(_QtHandler(log))
    last_crash = _last_crash(folder)
    crash_file = _crash_file(folder)
    faulthandler.enable(crash_file)
    try:
        yield last_crash
    finally:
        faulthandler.disable()
        _end_crash_file(folder, crash_file)
        qInstallMessageHandler(None)
        sys.excepthook, threading.excepthook = previous
        log.removeHandler(handler)
        handler.close()


class _Hook:
    def __init__(self, log: logging.Logger) -> None:
        self._log = log

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._log.error("unexpected", exc_info=(kind, error, trace))


class _QtHandler:
    def __init__(self, log: logging.Logger) -> None:
        self._log = log

    def __call__(self, kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
        self._log.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)


def _handler(folder: Path) -> logging.Handler:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return RotatingFileHandler(folder / LOG_NAME, maxBytes=MAX_LOG_BYTES, backupCount=1, encoding="utf-8")
    except OSError:
        return logging.StreamHandler()


def _last_crash(folder: Path) -> Path | None:
    trace, kept = folder / CRASH_NAME, folder / LAST_CRASH_NAME
    try:
        if trace.stat().st_size == 0:
            return None
        os.replace(trace, kept)
    except OSError:
        return None
    return kept


def _crash_file(folder: Path) -> IO[str]:
    try:
        return open(folder / CRASH_NAME, "w", encoding="utf-8")
    except OSError:
        return sys.__stderr__ or sys.stderr


def _end_crash_file(folder: Path, crash_file: IO[str]) -> None:
    """A run that ends well leaves no trace."""
    if crash_file in (sys.stderr, sys.__stderr__):
        return
    crash_file.close()
    with suppress(OSError):  # an empty file tells the same
        (folder / CRASH_NAME).unlink(missing_ok=True)
