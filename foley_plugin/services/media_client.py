"""The panel's side of the media process, without a transport: pictures, outlines of sounds, sound.

Like `engine_client`: bytes in, bytes out; one client belongs to one process. Every request ends with
exactly one call, of its `on_done` or of its `on_failed`.
"""

from __future__ import annotations

import itertools
import sys
from array import array
from collections.abc import Callable
from dataclasses import dataclass

from engine.protocol import (
    Heard,
    MediaFailed,
    MediaReply,
    MediaReplyBuffer,
    MediaRequest,
    Onsets,
    Peaks,
    Pixels,
    ProtocolError,
    Rational,
    Samples,
    Sound,
    Thumbnail,
    ViewerFrame,
    Waveform,
    encode_media,
)

MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Rgb:
    """`pixels` are rows of 3 bytes a pixel, without padding."""

    width: int
    height: int
    pixels: bytes


@dataclass(frozen=True)
class Outline:
    """Absolute peaks, `bins_per_s` of them a second."""

    peaks: array[float]
    bins_per_s: int
    duration_s: float


@dataclass(frozen=True)
class WaveSamples:
    """Little-endian float32, `num_channels` of them for each sample."""

    data: bytes
    num_channels: int


@dataclass(frozen=True, order=True)
class Onset:
    """Where something begins to sound, from the file's first sample; `strength` is 0 to 1."""

    time_s: float
    strength: float


OnPicture = Callable[[Rgb], None]
OnOutline = Callable[[Outline], None]
OnSamples = Callable[[WaveSamples], None]
OnOnsets = Callable[[tuple[Onset, ...]], None]
OnFailed = Callable[[str], None]


def media_command() -> list[str]:
    return [sys.executable, "-P", "-m", "engine.media.server"]


class MediaClient:
    """A conversation with one media process. `send` must not raise where the pipe is broken."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._ids = itertools.count(1)
        self._replies = MediaReplyBuffer()
        self._open: dict[int, tuple[Callable[[MediaReply, bytes], None], OnFailed]] = {}

    @property
    def num_open(self) -> int:
        return len(self._open)

    def thumbnail(
        self, media: str, time_s: float, height: int, on_done: OnPicture, on_failed: OnFailed
    ) -> None:
        request = Thumbnail(next(self._ids), media, _rational(time_s), height)
        self._ask(request, _picture_to(on_done), on_failed)

    def viewer_frame(
        self, media: str, time_s: float, height: int, on_done: OnPicture, on_failed: OnFailed
    ) -> None:
        request = ViewerFrame(next(self._ids), media, _rational(time_s), height)
        self._ask(request, _picture_to(on_done), on_failed)

    def waveform(self, media: str, bins_per_s: int, on_done: OnOutline, on_failed: OnFailed) -> None:
        def deliver(reply: MediaReply, payload: bytes) -> None:
            assert isinstance(reply, Peaks)
            on_done(Outline(_absolute_peaks(payload), bins_per_s, reply.duration_s))

        self._ask(Waveform(next(self._ids), media, bins_per_s), deliver, on_failed)

    def sound(
        self,
        media: str,
        first_sample: int,
        num_samples: int,
        rate: int,
        on_done: OnSamples,
        on_failed: OnFailed,
    ) -> None:
        def deliver(reply: MediaReply, payload: bytes) -> None:
            assert isinstance(reply, Samples)
            on_done(WaveSamples(payload, reply.num_channels))

        self._ask(Sound(next(self._ids), media, first_sample, num_samples, rate), deliver, on_failed)

    def onsets(self, media: str, on_done: OnOnsets, on_failed: OnFailed) -> None:
        def deliver(reply: MediaReply, _payload: bytes) -> None:
            assert isinstance(reply, Heard)
            on_done(tuple(map(Onset, reply.times_s, reply.strengths)))

        self._ask(Onsets(next(self._ids), media), deliver, on_failed)

    def feed(self, data: bytes) -> None:
        """Bytes from the process's stdout, cut anywhere.

        Raises:
            ProtocolError: this is not the media process's language; end it.
        """
        for reply, payload in self._replies.feed(data):
            waiting = self._open.pop(reply.id, None) if reply.id is not None else None
            if waiting is None:
                continue
            on_reply, on_failed = waiting
            if isinstance(reply, MediaFailed):
                on_failed(reply.sentence)
            else:
                on_reply(reply, payload)

    def died(self, sentence: str) -> None:
        """The process has ended: every open request fails with `sentence`."""
        waiting, self._open = list(self._open.values()), {}
        for _, on_failed in waiting:
            on_failed(sentence)

    def _ask(
        self, request: MediaRequest, on_reply: Callable[[MediaReply, bytes], None], on_failed: OnFailed
    ) -> None:
        self._open[request.id] = (on_reply, on_failed)
        self._send(encode_media(request))


MediaProtocolError = ProtocolError


def _rational(time_s: float) -> Rational:
    return (round(time_s * MICROSECONDS), MICROSECONDS)


def _picture_to(on_done: OnPicture) -> Callable[[MediaReply, bytes], None]:
    def deliver(reply: MediaReply, payload: bytes) -> None:
        assert isinstance(reply, Pixels)
        on_done(Rgb(reply.width, reply.height, payload))

    return deliver


def _absolute_peaks(payload: bytes) -> array[float]:
    pairs = array("f")
    pairs.frombytes(payload)
    if sys.byteorder == "big":
        pairs.byteswap()
    lows, highs = pairs[0::2], pairs[1::2]
    return array("f", (max(-low, high, 0.0) for low, high in zip(lows, highs, strict=True)))
