"""How requests come in and how they end, whoever carries them out: this process or a cluster's."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from engine.errors import Cancelled, FoleyError, OutOfMemory, is_out_of_memory
from engine.protocol import Cancelled as CancelledEvent
from engine.protocol import Event, Failed, Request

Say = Callable[[Event], None]
WriteFile = Callable[[Path, bytes], None]
"""Writes a new file, whole or not at all; raises `OutputError`."""
WritePieces = Callable[[Path, Iterable[bytes]], str]
"""The same of a file that comes in pieces; returns its sha256, in hexadecimal."""


class Intake(Protocol):
    """Requests as they arrive."""

    busy_with: int | None
    """The request that is worked on, for the heartbeat."""

    def take(self, *, wait: bool) -> Request | None:
        """The next request.

        None where none waits now or, if waited for, at the end of all requests.
        """
        ...

    def is_cancelled(self, request_id: int) -> bool: ...


def ending(request_id: int, error: BaseException) -> Failed | CancelledEvent:
    """The last event of a request that met an error. One of our own making is printed with its traceback."""
    if isinstance(error, Cancelled):
        return CancelledEvent(request_id)
    if isinstance(error, FoleyError):
        return Failed(request_id, error.code, error.sentence)
    if is_out_of_memory(error):
        sentence = "There is not enough memory for this clip: close other programs or choose a shorter range."
        return Failed(request_id, OutOfMemory.code, sentence)
    traceback.print_exception(error)
    sentence = (
        f"The engine met an error of its own ({type(error).__name__}: {error}); its log has the details."
    )
    return Failed(request_id, "internal", sentence)
