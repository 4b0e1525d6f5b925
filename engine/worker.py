"""The engine as a process: `python -m engine.worker` speaks `engine.protocol` on stdio until stdin ends.

The main thread works, one thread reads requests (so that a cancel is heard at once), one says that we live.
Standard output belongs to the protocol alone: whatever else prints goes to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import BinaryIO

from engine import protocol
from engine.errors import FoleyError
from engine.intake import Intake
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


class Inbox(Intake):
    """Requests in order; pings, and cancels of what still waits here, are answered as they arrive."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._waiting: deque[Request] = deque()
        self._cancelled: set[int] = set()
        self._is_all_cancelled = False
        self._has_ended = False
        self._changed = threading.Condition()
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
        self._end()

    def take(self, *, wait: bool) -> Request | None:
        with self._changed:
            while wait and not self._waiting and not self._has_ended:
                self._changed.wait()
            return self._waiting.popleft() if self._waiting else None

    def is_cancelled(self, request_id: int) -> bool:
        with self._changed:
            return self._is_all_cancelled or request_id in self._cancelled

    def _sort(self, request: Request) -> None:
        match request:
            case protocol.Ping(id=number):
                self._wire.say(protocol.Pong(number))
            case protocol.Cancel(target=target):
                self._cancel(target)
            case protocol.Shutdown():
                with self._changed:
                    self._is_all_cancelled = True
                self._end()
            case _:
                with self._changed:
                    self._waiting.append(request)
                    self._changed.notify()

    def _cancel(self, target: int) -> None:
        with self._changed:
            self._cancelled.add(target)
            waited = [request for request in self._waiting if request.id == target]
            for request in waited:
                self._waiting.remove(request)
        if waited:
            self._wire.say(protocol.Cancelled(target))

    def _end(self) -> None:
        with self._changed:
            self._has_ended = True
            self._changed.notify()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="foley-worker", description="The foley engine on stdio.")
    parser.add_argument("--model", type=Path, default=None, help="a model folder")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--batch", type=int, default=None, help="takes drawn at once, at most")
    parser.add_argument(
        "--dtype", default=None, help="of the language model's weights: float32, bfloat16, int8"
    )
    parser.add_argument("--device", default=None, help="where the networks compute: cpu, cuda")
    parser.add_argument("--on", default=None, metavar="ray[:ADDRESS]", help="make takes on a Ray cluster")
    parser.add_argument("--actors", type=int, default=None, help="copies of the model on the cluster")
    arguments = parser.parse_args(argv)
    wire = Wire(_own_stdout())
    inbox = Inbox(wire)
    # Reading begins before the model is loaded: who goes away meanwhile is noticed.
    threading.Thread(target=inbox.listen, args=(sys.stdin.buffer,), daemon=True).start()
    threading.Thread(target=_beat, args=(wire, inbox), daemon=True).start()
    try:
        _serve(arguments, wire, inbox)
    except FoleyError as error:
        wire.say(protocol.Failed(None, error.code, error.sentence))
        return 1
    return 0


def default_threads() -> int:
    """Not more threads than help a small model, and none that the editor's other programs need."""
    return max(1, min(MAX_THREADS, os.cpu_count() or 1))


def _serve(arguments: argparse.Namespace, wire: Wire, inbox: Inbox) -> None:
    """Open the engine, say hello, work until the end of input.

    Raises:
        FoleyError: it cannot be opened.
    """
    # torch and Ray are imported here and not at the top, so that the threads above are up while they load.
    if arguments.on is not None:
        from engine.cluster.supervisor import open_cluster

        with open_cluster(
            arguments.on,
            wire.say,
            model=arguments.model,
            actors=arguments.actors,
            threads=arguments.threads,
            batch=arguments.batch,
            dtype=arguments.dtype,
            device=arguments.device,
        ) as cluster:
            wire.say(cluster.ready())
            cluster.serve(inbox)
        return
    from engine.serving import Service

    threads = arguments.threads or default_threads()
    service = Service(
        arguments.model,
        threads,
        wire.say,
        batch=arguments.batch,
        dtype=arguments.dtype,
        device=arguments.device,
    )
    wire.say(service.ready())
    service.serve(inbox)


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
    status = main()
    sys.stderr.flush()
    os._exit(status)  # a reader that still waits for requests would break Python's own way out
