"""The engine as a process, spoken to over its real protocol, and a small film for it to look at."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from engine import protocol
from engine.protocol import Event, Picture, Request, Span


class Engine:
    """A worker process and a reader of its events, heartbeats left out."""

    def __init__(self, model: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "engine.worker", "--model", str(model), "--threads", "1", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def say(self, *requests: Request | bytes) -> None:
        assert self.process.stdin is not None
        for request in requests:
            self.process.stdin.write(request if isinstance(request, bytes) else protocol.encode(request))
        self.process.stdin.flush()

    def hear(self) -> Event:
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            event = protocol.decode_event(line)
            if not isinstance(event, protocol.Heartbeat):
                return event
        raise AssertionError("the engine is gone")

    def hear_until(self, is_last: Callable[[Event], bool]) -> list[Event]:
        events = [self.hear()]
        while not is_last(events[-1]):
            events.append(self.hear())
        return events

    def hear_to_the_end(self, requests: int = 1) -> list[Event]:
        """All events until so many requests have ended."""
        events: list[Event] = []
        for _ in range(requests):
            events += self.hear_until(lambda event: isinstance(event, protocol.TERMINAL_EVENTS))
        return events

    def end(self, timeout_s: float = 20.0) -> int:
        """Close its input and wait for it to go."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        status = self.process.wait(timeout_s)
        self.process.stdout.close()
        return status


def write_moving_film(path: Path) -> str:
    """Three seconds of a bright bar that moves."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(75):
            pixels = np.full((48, 64, 3), 40, np.uint8)
            pixels[:, (number * 2) % 56 : (number * 2) % 56 + 8] = 220
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return str(path)


def picture_of(media: str, seconds: Fraction = Fraction(2)) -> Picture:
    return Picture(media, [Span(protocol.rational(seconds), (0, 1))])
