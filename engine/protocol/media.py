"""The media process (`python -m engine.media.server`): pictures, waveforms, onsets and sound for the panel.

Requests are JSON lines. A reply is one JSON line, its header, followed by `num_bytes` raw bytes. Replies come in no
particular order: viewer frames do not wait for waveforms. `media` is a plain absolute path; where pictures are asked
for it may also be an image sequence (`engine.protocol.sequence`).
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from engine.protocol.lines import MAX_LINE_BYTES, ProtocolError, Rational, decoded


class Probe(Struct, frozen=True, tag="probe"):
    """What is this media file? Answered by `Probed`."""

    id: int
    media: str


class Thumbnail(Struct, frozen=True, tag="thumbnail"):
    """The frame at `time` seconds after the media's first, `height` pixels high. Answered by `Pixels`."""

    id: int
    media: str
    time: Rational
    height: int


class ViewerFrame(Struct, frozen=True, tag="frame"):
    """As `Thumbnail`, but the decoder is kept open and steps forward while times advance."""

    id: int
    media: str
    time: Rational
    height: int


class Waveform(Struct, frozen=True, tag="waveform"):
    """The outline of a sound file, or of a film's sound. Answered by `Peaks`."""

    id: int
    media: str
    bins_per_s: int


class Sound(Struct, frozen=True, tag="sound"):
    """A stretch of a file's own sound, to be heard. Answered by `Samples`.

    Sample k of the answer is the one at `first_sample + k` of the sound at `rate`, so that stretches join without a
    seam. They count from the film's first picture, in a sound file from its first sample.
    """

    id: int
    media: str
    first_sample: int
    num_samples: int
    rate: int


class Onsets(Struct, frozen=True, tag="onsets"):
    """Where does something begin to sound in this file? Answered by `Heard`."""

    id: int
    media: str


MediaRequest = Probe | Thumbnail | ViewerFrame | Waveform | Sound | Onsets


class Pixels(Struct, frozen=True, tag="pixels"):
    """Followed by `height` rows of `width` pixels of 3 bytes, RGB, without padding."""

    id: int
    num_bytes: int
    width: int
    height: int


class Peaks(Struct, frozen=True, tag="peaks"):
    """Followed by `num_bins` pairs of little-endian float32: the lowest and the highest sample of each bin."""

    id: int
    num_bytes: int
    num_bins: int
    duration_s: float


class Samples(Struct, frozen=True, tag="samples"):
    """Followed by `num_samples` frames of `num_channels` little-endian float32, 1 or 2; silent outside the sound."""

    id: int
    num_bytes: int
    num_samples: int
    num_channels: int


class Heard(Struct, frozen=True, tag="heard"):
    """Onsets in time order: `times_s` from the file's first sample, `strengths` of 0 to 1, as many."""

    id: int
    times_s: list[float]
    strengths: list[float]
    num_bytes: int = 0


class Probed(Struct, frozen=True, tag="probed"):
    """`duration` of the picture and `start_timecode` of its first frame (None: it has none) are seconds."""

    id: int
    frame_rate: Rational
    has_variable_frame_rate: bool
    duration: Rational
    start_timecode: Rational | None
    width: int
    height: int
    has_audio: bool
    num_bytes: int = 0


class MediaFailed(Struct, frozen=True, tag="failed"):
    """`code` is one of `engine.errors`; `sentence` is for the user."""

    id: int | None
    code: str
    sentence: str
    num_bytes: int = 0


MediaReply = Pixels | Peaks | Samples | Heard | Probed | MediaFailed

MAX_PAYLOAD_BYTES = 256 * 1024 * 1024

_media_requests: msgspec.json.Decoder[MediaRequest] = msgspec.json.Decoder(MediaRequest)
_media_replies: msgspec.json.Decoder[MediaReply] = msgspec.json.Decoder(MediaReply)


def encode_media(message: MediaRequest | MediaReply) -> bytes:
    """One message as one line, newline included; a reply's payload is written after it."""
    return msgspec.json.encode(message) + b"\n"


def decode_media_request(line: bytes) -> MediaRequest:
    return decoded(_media_requests, line)


class MediaReplyBuffer:
    """Bytes in, whole replies with their payloads out; keeps what is unfinished between calls."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._header: MediaReply | None = None

    def feed(self, data: bytes) -> list[tuple[MediaReply, bytes]]:
        self._data += data
        replies: list[tuple[MediaReply, bytes]] = []
        while (header := self._next_header()) is not None and len(self._data) >= header.num_bytes:
            replies.append((header, bytes(self._data[: header.num_bytes])))
            del self._data[: header.num_bytes]
            self._header = None
        return replies

    def _next_header(self) -> MediaReply | None:
        if self._header is None:
            end = self._data.find(b"\n")
            if end < 0:
                if len(self._data) > MAX_LINE_BYTES:
                    raise ProtocolError(f"a line longer than {MAX_LINE_BYTES} bytes")
                return None
            header = decoded(_media_replies, bytes(self._data[:end]))
            if not 0 <= header.num_bytes <= MAX_PAYLOAD_BYTES:
                raise ProtocolError(f"a payload of {header.num_bytes} bytes")
            del self._data[: end + 1]
            self._header = header
        return self._header
