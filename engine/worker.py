"""The engine as a process: `python -m engine.worker` speaks `engine.protocol` on stdio until stdin ends.

The main thread works, one thread reads requests (so that a cancel is heard at once), one says that we live.
Standard output belongs to the protocol alone: whatever else prints goes to standard error.
"""

from __future__ import annotations

import argparse
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from engine import protocol
from engine.errors import Cancelled, FoleyError, OutOfMemory
from engine.protocol import Event, Request

MAX_THREADS = 8


class Wire:
    """Writes events to the original standard output, one at a time, and knows whether the reader is gone."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._lock = out, threading.Lock()

    def say(self, event: Event) -> None:
        with self._lock:
            try:
                self._out.write(protocol.encode(event))
                self._out.flush()
            except (BrokenPipeError, ValueError, OSError):
                os._exit(0)


class Inbox:
    """Requests in order; cancels and pings are dealt with as they arrive."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._waiting: queue.Queue[Request | None] = queue.Queue()
        self._cancelled: set[int] = set()
        self._lock = threading.Lock()
        self.busy_with: int | None = None

    def listen(self, lines: BinaryIO) -> None:
        """Read until the end of input."""
        while line := lines.readline(protocol.MAX_LINE_BYTES + 1):
            try:
                self._sort(protocol.decode_request(line))
            except protocol.ProtocolError as error:
                self._wire.say(
                    protocol.Failed(None, "protocol", f"The engine was sent a line it cannot read: {error}")
                )
        self._waiting.put(None)

    def take(self) -> Request | None:
        """The next request to work on, or None at the end."""
        return self._waiting.get()

    def is_cancelled(self, request_id: int) -> bool:
        with self._lock:
            return request_id in self._cancelled

    def _sort(self, request: Request) -> None:
        match request:
            case protocol.Ping(id=number):
                self._wire.say(protocol.Pong(number))
            case protocol.Cancel(target=target):
                with self._lock:
                    self._cancelled.add(target)
            case protocol.Shutdown():
                self._cancel_current()
                self._waiting.put(None)
            case _:
                self._waiting.put(request)

    def _cancel_current(self) -> None:
        with self._lock:
            if self.busy_with is not None:
                self._cancelled.add(self.busy_with)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="foley-worker", description="The foley engine on stdio.")
    parser.add_argument("--model", type=Path, default=None, help="a model folder")
    parser.add_argument("--threads", type=int, default=None)
    arguments = parser.parse_args(argv)
    wire = Wire(_own_stdout())
    inbox = Inbox(wire)
    # Reading begins before the model is loaded: who goes away meanwhile is noticed.
    threading.Thread(target=inbox.listen, args=(sys.stdin.buffer,), daemon=True).start()
    threading.Thread(target=_beat, args=(wire, inbox), daemon=True).start()
    try:
        service = _open_service(arguments.model, arguments.threads or default_threads(), wire, inbox)
    except FoleyError as error:
        wire.say(protocol.Failed(None, error.code, error.sentence))
        return 1
    wire.say(service.ready())
    while (request := inbox.take()) is not None:
        inbox.busy_with = request.id
        _attend(service.carry_out, request, wire)
        inbox.busy_with = None
    return 0


def default_threads() -> int:
    """Not more threads than help a small model, and none that the editor's other programs need."""
    return max(1, min(MAX_THREADS, os.cpu_count() or 1))


def _attend(carry_out: Callable[[Request], None], request: Request, wire: Wire) -> None:
    try:
        carry_out(request)
    except Cancelled:
        wire.say(protocol.Cancelled(request.id))
    except FoleyError as error:
        wire.say(protocol.Failed(request.id, error.code, error.sentence))
    except MemoryError:
        sentence = "There is not enough memory for this clip: close other programs or choose a shorter range."
        wire.say(protocol.Failed(request.id, OutOfMemory.code, sentence))
    except Exception as error:  # the engine lives on: one request must not take the others with it
        import traceback

        traceback.print_exc()
        sentence = (
            f"The engine met an error of its own ({type(error).__name__}: {error}); its log has the details."
        )
        wire.say(protocol.Failed(request.id, "internal", sentence))


def _open_service(model: Path | None, threads: int, wire: Wire, inbox: Inbox):  # type: ignore[no-untyped-def]
    # torch is imported here and not at the top, so that the threads above are up while it loads.
    from engine.serving import Service

    return Service(model, threads, wire.say, inbox.is_cancelled)


def _beat(wire: Wire, inbox: Inbox) -> None:
    while True:
        time.sleep(protocol.HEARTBEAT_INTERVAL_S)
        wire.say(protocol.Heartbeat(inbox.busy_with))


def _own_stdout() -> BinaryIO:
    """Keep the original stdout for the protocol; stray prints, C libraries' too, go to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "wb", buffering=0)


if __name__ == "__main__":
    sys.exit(main())
