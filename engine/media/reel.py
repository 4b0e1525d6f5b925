"""A cut with its sounds, mixed and shown as one film: what is on the timeline, to hear it at once.

    python -m engine.media.reel PLAN.json

A process of its own: it needs PyAV but no torch. Ends with status 1 and one sentence on stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from engine.errors import FoleyError, RequestError
from engine.media.audio import read_audio
from engine.media.movie import write_movie
from engine.protocol import Picture, Rational, fraction

SAMPLE_RATE = 48000
FADE_S = 0.005
"""At the edges of a sound, where a cut would click."""


class Sound(Struct, frozen=True):
    """Part of a WAV on the timeline; exact seconds."""

    wav: str
    start: Rational
    """On the timeline."""
    duration: Rational
    offset: Rational = (0, 1)
    """Where the part starts in the WAV."""
    gain_db: float = 0.0


class Reel(Struct, frozen=True):
    """Pictures laid end to end from the timeline's start, and sounds over them."""

    pictures: list[Picture]
    sounds: list[Sound]
    out: str
    width: int
    height: int
    frame_rate: Rational


def write_reel(reel: Reel) -> None:
    """Render a reel to its `out`, an mp4.

    Raises:
        MediaError: a picture or a WAV cannot be read. OutputError: `out` cannot be written.
    """
    duration_s = sum(float(picture.duration) for picture in reel.pictures)
    wav = mix(reel.sounds, round(duration_s * SAMPLE_RATE))
    write_movie(
        reel.pictures,
        wav,
        reel.out,
        width=reel.width,
        height=reel.height,
        frame_rate=fraction(reel.frame_rate),
        sample_rate=SAMPLE_RATE,
    )


def mix(sounds: Sequence[Sound], num_samples: int) -> NDArray[np.float32]:
    """The sum of the sounds [N], turned down as a whole where it would clip."""
    total = np.zeros(num_samples, np.float32)
    for sound in sounds:
        wav = read_audio(sound.wav, SAMPLE_RATE)
        first = round(fraction(sound.offset) * SAMPLE_RATE)
        part = _faded(wav[first : first + round(fraction(sound.duration) * SAMPLE_RATE)])
        start = round(fraction(sound.start) * SAMPLE_RATE)
        part, start = (part[-start:], 0) if start < 0 else (part, start)
        part = part[: max(0, num_samples - start)]
        total[start : start + len(part)] += part * np.float32(10 ** (sound.gain_db / 20))
    return total / max(1.0, float(np.abs(total).max(initial=0.0)))


def _faded(wav: NDArray[np.float32]) -> NDArray[np.float32]:
    ramp = np.linspace(
        0, 1, min(round(FADE_S * SAMPLE_RATE), len(wav) // 2), endpoint=False, dtype=np.float32
    )
    faded = wav.copy()
    faded[: len(ramp)] *= ramp
    faded[len(faded) - len(ramp) :] *= ramp[::-1]
    return faded


def main() -> None:
    try:
        try:
            reel = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Reel)
        except (IndexError, OSError, msgspec.MsgspecError) as error:
            raise RequestError(f"The film has no plan that can be read ({error}).") from error
        write_reel(reel)
    except FoleyError as error:
        print(error.sentence, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
