"""What crosses between the panel or command line and the engine: JSON lines on stdio.

The one door between the two packages. Importing it loads neither torch nor Qt nor OpenTimelineIO.

A peer writes one JSON object a line. The engine says `Ready` first; every request carries an `id` of
the client's choice, and every event about it carries the same `id`. A request ends with exactly one of
`Spotted`, `Finished`, `Cancelled`, `Failed`. The engine ends when its stdin ends.

Exact times cross as `Rational` pairs `[numerator, denominator]` in seconds. Other times are float
seconds, named `*_s`.
"""

from __future__ import annotations

from fractions import Fraction

import msgspec
from msgspec import Struct

from engine.protocol.lines import (
    MAX_LINE_BYTES,
    LineBuffer,
    ProtocolError,
    Rational,
    decoded,
    fraction,
    rational,
)
from engine.protocol.media import (
    MAX_PAYLOAD_BYTES,
    Heard,
    MediaFailed,
    MediaReply,
    MediaReplyBuffer,
    MediaRequest,
    Onsets,
    Peaks,
    Pixels,
    Probe,
    Probed,
    Samples,
    Sound,
    Thumbnail,
    ViewerFrame,
    Waveform,
    decode_media_request,
    encode_media,
)
from engine.protocol.sampling import AS_PUBLISHED, MAX_DRAFTS, Sampling, SamplingWish
from engine.protocol.sequence import IMAGE_SUFFIXES, ImageSequence, MissingPolicy, image_sequence
from engine.protocol.tokens import Tokens, pack_tokens

# What the files of this package add to the names below: one door, whichever file a name stands in.
__all__ = [
    "AS_PUBLISHED",
    "IMAGE_SUFFIXES",
    "MAX_DRAFTS",
    "MAX_LINE_BYTES",
    "MAX_PAYLOAD_BYTES",
    "Heard",
    "ImageSequence",
    "LineBuffer",
    "MediaFailed",
    "MediaReply",
    "MediaReplyBuffer",
    "MediaRequest",
    "MissingPolicy",
    "Onsets",
    "Peaks",
    "Pixels",
    "Probe",
    "Probed",
    "ProtocolError",
    "Rational",
    "Samples",
    "Sampling",
    "SamplingWish",
    "Sound",
    "Thumbnail",
    "Tokens",
    "ViewerFrame",
    "Waveform",
    "decode_media_request",
    "encode_media",
    "fraction",
    "image_sequence",
    "pack_tokens",
    "rational",
]

PROTOCOL_VERSION = 2
HEARTBEAT_INTERVAL_S = 2.0
PAN_RATE = 10
"""Places of a pan a second."""


class Hit(Struct, frozen=True):
    """A moment of contact.

    `time_s` counts from the clip's start (negative inside the head handle); `strength` is 0 to 1.
    """

    time_s: float
    strength: float = 1.0


class Span(Struct, frozen=True):
    """A stretch of the picture as played, at one speed.

    At `t` seconds into the span the picture is the media's at `source_start + t * speed` seconds, counted
    from the media's first frame. Speed 0 holds a frame, a negative speed plays in reverse. Times outside
    the media hold its first or last frame.
    """

    duration: Rational
    source_start: Rational
    speed: Rational = (1, 1)


class Picture(Struct, frozen=True):
    """The picture as played, head handle and tail handle included: its spans one after the other.

    `media` is a plain absolute path, or an image sequence in the form of `engine.protocol.sequence`.
    """

    media: str
    spans: list[Span]

    @property
    def duration(self) -> Fraction:
        return sum((fraction(span.duration) for span in self.spans), Fraction(0))


class Cast(Struct, frozen=True):
    """A sound that a take goes on from, so that it is made by the same shoes on the same floor.

    `tokens` are a whole number of seconds, no more than a window is primed with; `hits` count from their start.
    They are read as if they had come just before the picture; nothing of them is heard.
    """

    tokens: Tokens
    hits: list[Hit] = []


RHYTHM_AND_BODY = 2
"""So many codebooks of a take stay in a variation. The default model's first is loudness alone: with no more than that
kept, a variation is hardly nearer to its take than another take is."""


class Original(Struct, frozen=True):
    """A take that another is made from: a part of it drawn anew, more at its ends, or all of it varied.

    Where the original lies and no stretch of `redo` does, the new take has its samples. What it does not cover is drawn
    in any case. Times are seconds from the start of the new take's picture.
    """

    wav: str
    tokens: Tokens
    start: Rational = (0, 1)
    """Where the original's first sample lies; negative where the new picture starts later."""
    redo: list[tuple[Rational, Rational]] = []
    """Stretches that are drawn anew."""
    kept_codebooks: int = 0
    """Of the stretches that are drawn anew, so many codebooks stay, coarsest first: the take varies about itself."""
    tokens_start: Rational = (0, 1)
    """Where the first frame of `tokens` lies, seconds from the WAV's first sample: 0 or, where the original was itself
    made from another take, up to a frame before (`tokens_start` of its recipe)."""
    sha256: str = ""
    """Of the WAV; a file that is another by now is refused. Empty where nobody knows."""


class Spot(Struct, frozen=True, tag="spot"):
    """Find hits and an intensity curve in a picture."""

    id: int
    picture: Picture
    head: Rational = (0, 1)
    """Where the clip starts in the picture."""
    guide: Picture | None = None
    """Production sound as played, from the start of the picture; its onsets come back as `Spotted.sound_hits`."""


class Generate(Struct, frozen=True, tag="generate"):
    """Make takes for one cue.

    The WAVs hold the whole picture: head handle, clip, tail handle. `num_samples` is the exact length of
    each at `sample_rate`. `wav_paths` names one file a take (take i is drawn with seed `seed + i`); none may
    exist. `hits` of None asks the spotter. `label` of None takes the best guess from the picture.
    `curve` holds intensities 0 to 1 at 50 Hz from the start of the picture; None takes the spotter's for
    labels that sound on and on (rain, cloth) and none for those made of hits; an empty list leaves them unknown.
    `reference_hits`, where the truth is known, are only measured against (`Take.onset_f1_100ms`).
    """

    id: int
    picture: Picture
    wav_paths: list[str]
    num_samples: int
    head: Rational = (0, 1)
    sample_rate: int = 48000
    label: str | None = None
    negative_label: str | None = None
    hits: list[Hit] | None = None
    curve: list[float] | None = None
    reference_hits: list[Hit] | None = None
    seed: int = 0
    sampling: SamplingWish = SamplingWish()
    tail: Rational = (0, 1)
    """How much of the picture, at its end, lies past the clip."""
    prompt: str | None = None
    """The sound in words, for a model that reads them; others take labels alone."""
    negative_prompt: str | None = None
    cast: Cast | None = None
    original: Original | None = None


class Cancel(Struct, frozen=True, tag="cancel"):
    """Stop the request `target` at its next step; takes already finished are kept."""

    id: int
    target: int


class Ping(Struct, frozen=True, tag="ping"):
    id: int


class Shutdown(Struct, frozen=True, tag="shutdown"):
    id: int


Request = Spot | Generate | Cancel | Ping | Shutdown


class Ready(Struct, frozen=True, tag="ready"):
    """The engine's hello, its model loaded."""

    protocol: int
    engine_version: str
    model: str
    model_sha256: str
    labels: list[str]
    device: str
    dtype: str
    num_threads: int
    parallel: int = 1
    """So many requests are worth having open at once; more only wait."""
    backend: str = "torch"
    """What computes the language model; with the dtype it decides a take's bytes."""
    reads_text: bool = False
    """Whether prompts are followed, not labels alone."""
    sampling: Sampling = Sampling()
    """What the model draws with where a request says nothing."""


class Progress(Struct, frozen=True, tag="progress"):
    """`fraction` 0 to 1 of the whole request; `stage` is one word: decode, spot, look, generate, write."""

    id: int
    stage: str
    fraction: float
    take: int = 0


class LabelGuess(Struct, frozen=True):
    label: str
    probability: float


class Spotted(Struct, frozen=True, tag="spotted"):
    id: int
    hits: list[Hit]
    curve: list[float]
    labels: list[LabelGuess]
    """Ranked guesses of what makes the sound, best first."""
    pan: list[float] = []
    """Where the motion is, -1 (left) to 1, `PAN_RATE` places a second from the start of the picture."""
    sound_hits: list[Hit] = []
    """Onsets of the guide, counted as `hits`."""


class Take(Struct, frozen=True, tag="take"):
    """One finished, fsynced WAV. More follow until `Finished`."""

    id: int
    take: int
    wav: str
    label: str
    seed: int
    hits: list[Hit]
    wall_s: float
    peak_dbfs: float
    sha256: str
    recipe: dict[str, object]
    """All that shaped the bytes: model hash, seed, sampling, dtype, threads, device, versions."""
    onset_f1_100ms: float | None = None
    tokens: Tokens | None = None
    """What the sound was decoded from."""
    pan: list[float] = []
    """As `Spotted.pan`: data for a stereo delivery. The sound itself is mono."""
    sync_f1_100ms: float | None = None
    """Of the onsets heard inside the clip against `hits`; None where the clip has none."""
    sync_offset_ms: float | None = None
    """The median of heard minus meant over the pairs, positive where the sound is late; None where none matched."""


class Finished(Struct, frozen=True, tag="finished"):
    id: int
    wall_s: float


class Cancelled(Struct, frozen=True, tag="cancelled"):
    id: int


class Failed(Struct, frozen=True, tag="failed"):
    """`code` is one of `engine.errors`; `sentence` is for the user. `id` is None where no request is to blame."""

    id: int | None
    code: str
    sentence: str


class Pong(Struct, frozen=True, tag="pong"):
    id: int


class Heartbeat(Struct, frozen=True, tag="heartbeat"):
    busy_with: int | None = None


Event = Ready | Progress | Spotted | Take | Finished | Cancelled | Failed | Pong | Heartbeat

TERMINAL_EVENTS = (Spotted, Finished, Cancelled, Failed, Pong)


_requests: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_events: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(message: Request | Event) -> bytes:
    """One message as one line, newline included."""
    return msgspec.json.encode(message) + b"\n"


def decode_request(line: bytes) -> Request:
    return decoded(_requests, line)


def decode_event(line: bytes) -> Event:
    return decoded(_events, line)
