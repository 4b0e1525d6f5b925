"""The media process: pixels and waveforms for the panel, in a process that may die alone.

`python -m engine.media.server` reads requests of `engine.protocol` from stdin and answers on stdout; it
ends when its stdin ends and all that was asked is answered. It imports no torch. Three threads work
side by side, so that a viewer that plays waits neither for thumbnails nor for its sound.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from engine.errors import FoleyError, MediaNotFound, RequestError
from engine.media.hearing import SoundReader
from engine.media.image_sequence import media_stamp
from engine.media.onsets import onsets_of_wav
from engine.media.video import probe
from engine.media.viewer import FrameReader
from engine.media.waveform import peaks
from engine.protocol import (
    MAX_LINE_BYTES,
    Heard,
    MediaFailed,
    MediaReply,
    MediaRequest,
    Onsets,
    Peaks,
    Pixels,
    Probe,
    Probed,
    ProtocolError,
    Samples,
    Sound,
    Thumbnail,
    ViewerFrame,
    Waveform,
    decode_media_request,
    encode_media,
    fraction,
    rational,
)

VIEWED_FILES = 2
"""Open for the viewer: the shots on both sides of an edit."""
BROWSED_FILES = 1
"""Open for thumbnails. A decoder of 1080p holds some 30 MB."""
MAX_HEIGHT = 2160
MAX_BINS_PER_S = 48000
MAX_SAMPLES = 1 << 23
PLAYS_WITHIN_S = 0.2
"""A viewer that was asked for a frame so lately is playing."""
GIVES_WAY_S = 1.0

Answer = tuple[MediaReply, bytes]
Send = Callable[[MediaReply, bytes], None]


class Readers:
    """Decoders kept open, the least recently used closed first. For one thread."""

    def __init__(self, most: int = VIEWED_FILES) -> None:
        self._open: OrderedDict[tuple[str, int, int], FrameReader] = OrderedDict()
        self._most = most
        self.sound = SoundReader()

    def of(self, media: str) -> FrameReader:
        """The open reader of a file, which is opened afresh if the file has changed."""
        try:
            stamp = media_stamp(media)
        except OSError as error:
            raise MediaNotFound(
                f"The media file {media} is not there; reconnect its drive or relink the clip."
            ) from error
        key = (media, *stamp)
        if key not in self._open:
            self._open[key] = FrameReader(media)
        self._open.move_to_end(key)
        while len(self._open) > self._most:
            self._open.popitem(last=False)[1].close()
        return self._open[key]

    def drop(self, media: str) -> None:
        """Close a file whose decoder may be in a bad state."""
        for key in [key for key in self._open if key[0] == media]:
            self._open.pop(key).close()

    def close(self) -> None:
        for reader in self._open.values():
            reader.close()
        self._open.clear()


def answer(request: MediaRequest, readers: Readers) -> Answer:
    """What the request asks for. Raises FoleyError."""
    match request:
        case Probe():
            return _probed(request), b""
        case Thumbnail() | ViewerFrame():
            return _pixels(request, readers)
        case Waveform():
            return _peaks(request)
        case Sound():
            return _samples(request, readers)
        case Onsets():
            return _heard(request), b""


def _probed(request: Probe) -> Probed:
    info = probe(request.media)
    start = info.start_timecode_s
    return Probed(
        id=request.id,
        frame_rate=rational(info.frame_rate),
        has_variable_frame_rate=info.has_variable_frame_rate,
        duration=rational(info.duration_s),
        start_timecode=None if start is None else rational(start),
        width=info.width,
        height=info.height,
        has_audio=info.has_audio,
    )


def _pixels(request: Thumbnail | ViewerFrame, readers: Readers) -> Answer:
    if not 1 <= request.height <= MAX_HEIGHT or request.time[1] == 0:
        raise RequestError(
            f"A frame of {request.height} pixels' height cannot be made; ask for 1 to {MAX_HEIGHT}."
        )
    try:
        pixels = readers.of(request.media).pixels_at(float(fraction(request.time)), request.height)
    except FoleyError:
        raise
    except Exception:
        readers.drop(request.media)
        raise
    height, width = pixels.shape[:2]
    return Pixels(request.id, pixels.size, width, height), pixels.tobytes()


def _peaks(request: Waveform) -> Answer:
    if not 1 <= request.bins_per_s <= MAX_BINS_PER_S:
        raise RequestError(
            f"A waveform of {request.bins_per_s} bins a second cannot be drawn; ask for fewer."
        )
    outline, duration_s = peaks(Path(request.media), request.bins_per_s)
    payload = outline.astype(np.dtype("<f4")).tobytes()
    return Peaks(request.id, len(payload), len(outline), duration_s), payload


def _samples(request: Sound, readers: Readers) -> Answer:
    if not (0 < request.num_samples <= MAX_SAMPLES and 8000 <= request.rate <= 192000):
        raise RequestError(
            f"A sound of {request.num_samples} samples at {request.rate} Hz cannot be made; ask for fewer."
        )
    wav = readers.sound.read(Path(request.media), request.first_sample, request.num_samples, request.rate)
    payload = wav.astype(np.dtype("<f4")).tobytes()
    return Samples(request.id, len(payload), *wav.shape), payload


def _heard(request: Onsets) -> Heard:
    hits = list(onsets_of_wav(Path(request.media)))
    return Heard(request.id, [hit.time_s for hit in hits], [hit.strength for hit in hits])


def _safe_answer(request: MediaRequest, readers: Readers) -> Answer:
    try:
        return answer(request, readers)
    except FoleyError as error:
        return MediaFailed(request.id, error.code, error.sentence), b""
    except Exception as error:  # whatever a decoder throws is a reply, never the end of the process
        sentence = (
            f"The media file {request.media} could not be shown ({error}); check that it plays elsewhere."
        )
        return MediaFailed(request.id, FoleyError.code, sentence), b""


class Desk(threading.Thread):
    """Answers its requests one after the other, the more urgent first."""

    def __init__(self, send: Send, *, gives_way_to: Desk | None = None) -> None:
        super().__init__(daemon=True)
        self._send = send
        self._gives_way_to = gives_way_to
        self._asked_s = -PLAYS_WITHIN_S
        self._queue: queue.PriorityQueue[tuple[int, int, MediaRequest | None]] = queue.PriorityQueue()
        self._count = 0

    def put(self, request: MediaRequest | None) -> None:
        """None ends the thread once all else is answered."""
        self._count += 1
        if request is not None:
            self._asked_s = time.monotonic()
        self._queue.put((_urgency(request), self._count, request))

    def _give_way(self) -> None:
        """Let a viewer that plays have the processor, but not for ever."""
        until_s = time.monotonic() + GIVES_WAY_S
        other = self._gives_way_to
        while other is not None and (now_s := time.monotonic()) < until_s:
            if now_s - other._asked_s >= PLAYS_WITHIN_S:
                return
            time.sleep(PLAYS_WITHIN_S / 4)

    def run(self) -> None:
        readers = Readers(VIEWED_FILES if self._gives_way_to is None else BROWSED_FILES)
        try:
            while (request := self._queue.get()[2]) is not None:
                self._give_way()
                self._send(*_safe_answer(request, readers))
        except (OSError, ValueError):
            return  # nobody listens any more
        finally:
            readers.close()


def _urgency(request: MediaRequest | None) -> int:
    order: list[type] = [ViewerFrame, Sound, Probe, Thumbnail, Waveform, Onsets]
    return len(order) if request is None else order.index(type(request))


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer until `requests` ends."""
    lock = threading.Lock()

    def send(header: MediaReply, payload: bytes) -> None:
        with lock:
            replies.write(encode_media(header))
            replies.write(payload)
            replies.flush()

    viewer, sound = Desk(send), Desk(send)
    browser = Desk(send, gives_way_to=viewer)
    desks = (viewer, sound, browser)
    for desk in desks:
        desk.start()
    while line := requests.readline(MAX_LINE_BYTES + 1):
        try:
            request = decode_media_request(line)
        except ProtocolError as error:
            send(MediaFailed(None, RequestError.code, f"The request is not understood: {error}."), b"")
            if len(line) > MAX_LINE_BYTES:
                break
            continue
        match request:
            case ViewerFrame():
                viewer.put(request)
            case Sound():
                sound.put(request)
            case _:
                browser.put(request)
    for desk in desks:
        desk.put(None)
        desk.join()


def main() -> None:
    """Serve on stdio; whatever a library prints goes to stderr instead of between the replies."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
