"""Takes and production sound mixed for listening: samples land exactly where they belong. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.errors import MediaUnreadable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

MIX_RATE = 48000
NUM_CHANNELS = 2


class Heard(Protocol):
    """Anything that sounds somewhere on the timeline."""

    def add_to(self, total: Samples, from_samples: int) -> None:
        """Add what is heard from `from_samples` on to `total` [N, 2]."""


@dataclass(frozen=True)
class MixedSound:
    """One take on the timeline.

    `samples` [T, C] at `MIX_RATE`, what is heard only: handles outside the placement are cut away.
    `start_samples` counts from the timeline's start. Fades are half a cosine, as they are delivered.
    """

    samples: Samples
    start_samples: int
    gain: float = 1.0
    """A factor, for listening alone."""
    fade_in_samples: int = 0
    fade_out_samples: int = 0

    @property
    def end_samples(self) -> int:
        return self.start_samples + len(self.samples)

    def add_to(self, total: Samples, from_samples: int) -> None:
        first = max(from_samples, self.start_samples)
        stop = min(from_samples + len(total), self.end_samples)
        if first >= stop or self.gain == 0.0:
            return
        part = self.samples[first - self.start_samples : stop - self.start_samples, :NUM_CHANNELS]
        if self._touches_a_fade(first, stop):
            part = part * self._fades(first - self.start_samples, stop - self.start_samples)
        total[first - from_samples : stop - from_samples] += (
            part if self.gain == 1.0 else _float(self.gain) * part
        )

    def _touches_a_fade(self, first: int, stop: int) -> bool:
        fades_in = first < self.start_samples + self.fade_in_samples
        return fades_in or stop > self.end_samples - self.fade_out_samples

    def _fades(self, first: int, stop: int) -> Samples:
        """The factors [N, 1] of the samples `first` to `stop`, counted from the sound's first."""
        import numpy as np

        factors = np.ones(stop - first, np.float32)
        place = np.arange(first, stop)
        edges = ((self.fade_in_samples, place), (self.fade_out_samples, len(self.samples) - 1 - place))
        for asked, from_edge in edges:
            size = min(asked, len(self.samples) // 2)
            if size:
                inside = np.minimum(from_edge, size)
                factors *= ((1 - np.cos(np.pi * inside / size)) / 2).astype(np.float32)
        return factors[:, None]


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


def mixed(sounds: Iterable[Heard], from_samples: int, num_samples: int) -> Samples:
    """float32 stereo [N, 2], not clipped; mono sounds go to both sides."""
    import numpy as np

    total = np.zeros((num_samples, NUM_CHANNELS), np.float32)
    for sound in sounds:
        sound.add_to(total, from_samples)
    return total


def mixed_at_speed(
    sounds: Iterable[Heard], from_samples: int, num_frames: int, speed: float, skipped_frames: int = 0
) -> Samples:
    """What is heard in `num_frames` of a run at `speed` that began at `from_samples`, `skipped_frames` before.

    Faster than normal each frame is the mean of those that it stands for, as good as shuttling needs;
    slower, frames between are drawn straight. Backwards is played backwards.
    """
    import numpy as np

    if speed == 1.0:
        return mixed(sounds, from_samples + skipped_frames, num_frames)
    many = abs(speed)
    direction = 1 if speed > 0 else -1
    if many >= 1:
        each = round(many)
        count = num_frames * each
        run = skipped_frames * each
        first = from_samples + run if direction > 0 else from_samples - run - count
        whole = mixed(sounds, first, count)[::direction]
        return np.ascontiguousarray(whole.reshape(num_frames, each, NUM_CHANNELS).mean(axis=1))
    place = (skipped_frames + np.arange(num_frames)) * many
    base = int(place[0]) if num_frames else 0
    count = int(place[-1]) - base + 2 if num_frames else 0
    first = from_samples + base if direction > 0 else from_samples - base - count
    whole = mixed(sounds, first, count)[::direction]
    at = place.astype(np.int64) - base
    weight = (place - place.astype(np.int64)).astype(np.float32)[:, None]
    return np.asarray(whole[at] * (1 - weight) + whole[at + 1] * weight, np.float32)


def clipped(frames: Samples) -> Samples:
    """As a device plays it: nothing is louder than full scale."""
    import numpy as np

    return np.clip(frames, -1.0, 1.0)


def _float(gain: float) -> np.float32:
    import numpy as np

    return np.float32(gain)
