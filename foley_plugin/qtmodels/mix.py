"""Takes mixed for listening: samples land exactly where they belong. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import MediaUnreadable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

MIX_RATE = 48000
NUM_CHANNELS = 2
BYTES_PER_FRAME = 2 * NUM_CHANNELS


@dataclass(frozen=True)
class MixedSound:
    """One take on the timeline.

    `samples` [T, C] at `MIX_RATE`, what is heard only: handles outside the placement are cut away.
    `start_samples` counts from the timeline's start.
    """

    samples: Samples
    start_samples: int
    gain: float = 1.0
    """A factor, for listening alone."""

    @property
    def end_samples(self) -> int:
        return self.start_samples + len(self.samples)


def read_sound(path: str, record_in_s: float, record_out_s: float, wave_in_s: float) -> MixedSound:
    """The part of a WAV that is placed between two times of the timeline.

    Raises:
        MediaUnreadable: the file cannot be read, or is not at `MIX_RATE`.
    """
    import soundfile

    first = round(wave_in_s * MIX_RATE)
    count = round(record_out_s * MIX_RATE) - round(record_in_s * MIX_RATE)
    try:
        with soundfile.SoundFile(path) as file:
            if file.samplerate != MIX_RATE:
                raise MediaUnreadable(f"The take {path} is at {file.samplerate} Hz; generate it again.")
            file.seek(min(first, file.frames))
            samples = file.read(count, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise MediaUnreadable(
            f"The take {path} cannot be played ({error}); look whether it is there."
        ) from error
    return MixedSound(samples, round(record_in_s * MIX_RATE))


def mixed(sounds: Iterable[MixedSound], from_samples: int, num_samples: int) -> bytes:
    """Interleaved stereo of 16 bits; mono takes go to both sides, what is too loud is clipped."""
    import numpy as np

    total = np.zeros((num_samples, NUM_CHANNELS), np.float32)
    for sound in sounds:
        first = max(from_samples, sound.start_samples)
        stop = min(from_samples + num_samples, sound.end_samples)
        if first < stop:
            part = sound.samples[first - sound.start_samples : stop - sound.start_samples]
            total[first - from_samples : stop - from_samples] += sound.gain * part[:, :NUM_CHANNELS]
    return bytes((np.clip(total, -1.0, 1.0) * 32767).astype("<i2").tobytes())
