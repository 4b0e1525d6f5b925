"""Numbered images as a film of their rate, read with the same calls as a film (`decoding.OpenVideo`).

An image's bytes go straight to the decoder that its suffix names: no demuxer guesses at names with `%`
in them, and no protocol is asked for anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Self

import av
import numpy as np
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from engine.errors import MediaNotFound, MediaUnreadable, RequestError
from engine.media.decoding import EXACT_WITHIN_S, OpenVideo
from engine.protocol import ImageSequence, ProtocolError, image_sequence

DECODERS = {
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".exr": "exr",
    ".dpx": "dpx",
    ".tga": "targa",
    ".jpg": "mjpeg",
    ".jpeg": "mjpeg",
    ".jp2": "jpeg2000",
    ".j2k": "jpeg2000",
    ".bmp": "bmp",
    ".webp": "webp",
    ".sgi": "sgi",
    ".ppm": "ppm",
    ".pgm": "pgm",
}
OPTIONS = {"exr": {"apply_trc": "iec61966_2_1"}}
"""OpenEXR holds linear light, which looks black without a viewer's curve."""

MAX_IMAGE_BYTES = 1 << 30
NUM_STAMPED = 8
"""Images that are looked at for a change; a sequence is rendered whole."""

NUM_KEPT = 4
"""Decoded images that a reader keeps; a held one is asked for again and again."""


@dataclass(frozen=True)
class ImageFrame:
    """An image of a sequence and when it is seen; decoded when somebody looks."""

    time_s: float
    end_s: float
    decode: Callable[[], VideoFrame]

    @property
    def frame(self) -> VideoFrame:
        return self.decode()


class OpenSequence:
    """An image sequence, open for reading.

    Raises:
        MediaNotFound: not one of its images is there.
        MediaUnreadable: a kind of image that is not known, or a broken one.
    """

    def __init__(self, sequence: ImageSequence) -> None:
        self.sequence = sequence
        self.path = Path(sequence.path_of(sequence.first))
        suffix = self.path.suffix.lower()
        if suffix not in DECODERS:
            raise MediaUnreadable(
                f"Images of the kind {suffix or 'without a suffix'} ({self.path}) cannot be read; "
                "render the sequence to a movie file."
            )
        self._codec = DECODERS[suffix]
        self._image = lru_cache(NUM_KEPT)(self._decoded)
        self._first_there = self._find_first()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._image.cache_clear()

    @property
    def frame_duration_s(self) -> float:
        return float(1 / self.sequence.rate)

    @property
    def tolerance_s(self) -> float:
        """How much too early a time may lie and still mean the image that starts just after it."""
        return EXACT_WITHIN_S

    @property
    def sample_aspect_ratio(self) -> Fraction | None:
        """Images are taken for square pixels: what their files say is seldom what was meant."""
        return None

    def frames_from(self, start_s: float) -> Iterator[ImageFrame]:
        """Images in order, from the one seen at `start_s` to the last."""
        rate = self.sequence.rate
        wanted = int((start_s + self.tolerance_s) * rate)
        for index in range(min(max(0, wanted), self.sequence.num_images - 1), self.sequence.num_images):
            yield ImageFrame(float(index / rate), float((index + 1) / rate), self._decoder_of(index))

    def missing_s(self, decoded_end_s: float) -> float:
        """A sequence is as long as it says: what is missing inside is held, black or refused."""
        return 0.0

    def _decoder_of(self, index: int) -> Callable[[], VideoFrame]:
        return lambda: self._image(index)

    def _find_first(self) -> int:
        for index in range(self.sequence.num_images):
            if self._is_there(index):
                return index
        raise MediaNotFound(
            f"No image of the sequence {self._shown} is there; reconnect its drive or relink the clip."
        )

    def _is_there(self, index: int) -> bool:
        return os.path.isfile(self.sequence.path_of(self.sequence.number_of(index)))

    def _decoded(self, index: int) -> VideoFrame:
        if self._is_there(index):
            return self._read(index)
        match self.sequence.missing:
            case "hold":
                return self._image(self._there_before(index))
            case "black":
                return _black_like(self._image(self._first_there))
            case "error":
                path = self.sequence.path_of(self.sequence.number_of(index))
                raise MediaNotFound(f"The image {path} of a sequence is missing; bring it back.")

    def _there_before(self, index: int) -> int:
        """The nearest image before; the first that is there where all before are missing."""
        before = (each for each in range(index - 1, self._first_there, -1) if self._is_there(each))
        return next(before, self._first_there)

    def _read(self, index: int) -> VideoFrame:
        path = self.sequence.path_of(self.sequence.number_of(index))
        try:
            if os.path.getsize(path) > MAX_IMAGE_BYTES:
                raise MediaUnreadable(f"The image {path} is too large to be one; render it again.")
            content = Path(path).read_bytes()
            context = av.CodecContext.create(self._codec, "r")
            assert isinstance(context, VideoCodecContext)
            context.options = dict(OPTIONS.get(self._codec, {}))
            frames = [*context.decode(Packet(content)), *context.decode(None)]
        except (av.FFmpegError, OSError, ValueError) as error:
            raise MediaUnreadable(
                f"The image {path} of a sequence cannot be read; render it again."
            ) from error
        if not frames:
            raise MediaUnreadable(f"The image {path} of a sequence holds no picture; render it again.")
        return frames[0]

    @property
    def _shown(self) -> str:
        sequence = self.sequence
        return f"{sequence.prefix}[{sequence.first}-{sequence.last}]{sequence.suffix}"


OpenPicture = OpenVideo | OpenSequence


def open_picture(media: str | Path) -> OpenPicture:
    """Open what a picture's `media` names: a film, or an image sequence.

    Raises:
        MediaNotFound, MediaUnreadable; RequestError: a sequence of an unknown form.
    """
    sequence = _sequence(media)
    return OpenVideo(media) if sequence is None else OpenSequence(sequence)


def media_stamp(media: str | Path) -> tuple[int, int]:
    """Time and size by which a change of the media is seen: of its file, or of a sequence's folder and some images.

    Raises:
        OSError: it is not there.
    """
    sequence = _sequence(media)
    if sequence is None:
        status = os.stat(media)
        return status.st_mtime_ns, status.st_size
    stamp_ns, size = os.stat(os.path.dirname(sequence.prefix)).st_mtime_ns, 0
    for index in range(0, sequence.num_images, max(1, sequence.num_images // NUM_STAMPED)):
        with suppress(OSError):
            status = os.stat(sequence.path_of(sequence.number_of(index)))
            stamp_ns, size = max(stamp_ns, status.st_mtime_ns), size + status.st_size
    return stamp_ns, size


def _sequence(media: str | Path) -> ImageSequence | None:
    if isinstance(media, Path):
        return None
    try:
        return image_sequence(media)
    except ProtocolError as error:
        raise RequestError(f"The picture is named in a way that is not understood ({error}).") from None


def _black_like(frame: VideoFrame) -> VideoFrame:
    black = np.zeros((frame.height, frame.width, 3), np.uint8)
    return VideoFrame.from_ndarray(black, format="rgb24")
