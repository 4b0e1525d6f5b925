"""A take's samples and what was drawn to them, joined: outside the stretches that were drawn every sample stays.

    original   ~~~~~~~~~~~~~~~~~~\\                  /~~~~~~~~~~~~~~~
    drawn                     ..../~~~~~~~~~~~~~~~~~~\\....
                              |   |                  |    |
                       fade_in    start            end    fade_out

The language model does not see what follows a stretch, so its end is drawn on for a while and led over into the
original's own samples there. At its start the drawn sound goes on from the original's tokens and is nearly the same, so
that a short fade does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile

from engine.errors import RequestError
from engine.media.wav_stream import BLOCK_SAMPLES, HeldSound, Wav, gain_to, peak_of

FADE_IN_S = 0.015
FADE_OUT_S = 0.12
SHORT_FADE_S = 0.04
LULL = 0.25
"""A short fade is taken where its place has at most this share of the power of all that was drawn on (-6 dB)."""
NEAREST_S = 0.02
"""Stretches nearer to each other than this are one: no sound is left between their fades."""

LEVEL_REACH_S = 2.0
"""How far from a stretch the kept sound tells how loud the drawn one should be."""
LEVEL_GUARD_S = 0.2
"""Nearer to a stretch than this what was drawn shines into what is kept."""


@dataclass(frozen=True)
class Stretch:
    """Samples start .. end of the new take are drawn; `fade_in` of them before, `fade_out` after are of both."""

    start: int
    end: int
    fade_in: int
    fade_out: int


def drawn_stretches(
    redo: Sequence[tuple[int, int]], covered: tuple[int, int], num_samples: int, sample_rate: int
) -> list[Stretch]:
    """What is to be redone and what the original does not cover, in samples of the new take; in order."""
    wanted = sorted([*redo, (0, covered[0]), (covered[1], num_samples)])
    parts: list[tuple[int, int]] = []
    for start, end in wanted:
        if start >= end:
            continue
        if parts and start - parts[-1][1] < NEAREST_S * sample_rate:
            parts[-1] = parts[-1][0], max(end, parts[-1][1])
        else:
            parts.append((start, end))
    begins, ends = [start for start, _ in parts[1:]], [end for _, end in parts[:-1]]
    return [
        _with_fades(part, before, after, num_samples, sample_rate)
        for part, before, after in zip(parts, [None, *ends], [*begins, None], strict=False)
    ]


def _with_fades(
    part: tuple[int, int], before: int | None, after: int | None, num_samples: int, sample_rate: int
) -> Stretch:
    """Fades that fit between a stretch and its neighbours, which have a fade of their own, or the take's ends."""
    start, end = part
    room_before = start if before is None else (start - before) // 4
    fade_in = min(round(FADE_IN_S * sample_rate), room_before)
    room_after = num_samples - end
    if after is not None:
        room_after = after - end - min(round(FADE_IN_S * sample_rate), (after - end) // 4)
    return Stretch(start, end, fade_in, min(round(FADE_OUT_S * sample_rate), room_after))


class KeptSound:
    """A take's file, whose samples are read as they will be written again: bit for bit.

    Raises:
        RequestError: it is not there, is another than was said, or is no WAV as takes are: mono, 24 bit, at this rate.
    """

    def __init__(self, path: Path, sample_rate: int, sha256: str = "") -> None:
        said = f"The take {path} that the new one is to be made from"
        if not path.is_file():
            raise RequestError(f"{said} is not there: bring it back, or generate it anew.")
        if sha256 and _sha256_of(path) != sha256:
            raise RequestError(
                f"{said} has been changed since it was made: bring it back, or generate it anew."
            )
        try:
            self._file = soundfile.SoundFile(path)
        except (soundfile.SoundFileError, OSError):
            raise RequestError(f"{said} cannot be read: generate it anew.") from None
        file = self._file
        if (file.channels, file.subtype, file.samplerate) != (1, "PCM_24", sample_rate):
            found = f"{file.channels} channels of {file.subtype} at {file.samplerate} Hz"
            file.close()
            raise RequestError(
                f"{said} has {found}, not one of PCM_24 at {sample_rate} Hz as takes have: give the take itself, not a "
                "copy that was converted."
            )
        self.num_samples: int = file.frames

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def between(self, first: int, stop: int) -> Wav:
        """Samples first .. stop."""
        self._file.seek(first)
        return np.asarray(self._file.read(stop - first, dtype="float32"), np.float32)


def _sha256_of(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


class DrawnSound:
    """What was drawn of a take, where it is needed: parts by the sample that each begins with, in order."""

    def __init__(self, parts: Sequence[tuple[int, HeldSound]], num_samples: int, sample_rate: int) -> None:
        self._parts, self.num_samples, self.sample_rate = parts, num_samples, sample_rate

    def between(self, first: int, stop: int) -> Wav:
        """Samples first .. stop of the take, all of one part."""
        begin, part = next((begin, part) for begin, part in reversed(self._parts) if begin <= first)
        return part.between(first - begin, stop - begin)


def heard_spans(stretches: Sequence[Stretch], num_samples: int, sample_rate: int) -> list[tuple[int, int]]:
    """The samples about the stretches that a splice asks for: what is drawn, and what tells how loud it should be."""
    reach = round(LEVEL_REACH_S * sample_rate)
    spans: list[tuple[int, int]] = []
    for each in stretches:
        first, stop = max(0, each.start - reach), min(num_samples, each.end + reach)
        if spans and first <= spans[-1][1]:
            spans[-1] = spans[-1][0], stop
        else:
            spans.append((first, stop))
    return spans


class Splice:
    """An original with stretches of a drawn sound in it.

    Only what was drawn is scaled: to the loudness that the original was left at, and under the ceiling.
    """

    def __init__(
        self,
        kept: KeptSound,
        kept_start: int,
        drawn: DrawnSound,
        stretches: Sequence[Stretch],
        ceiling: float,
    ) -> None:
        """
        Args:
            kept_start: the sample of the new take where the original's first one lies; may be negative.
        """
        self._kept, self._kept_start, self._drawn = kept, kept_start, drawn
        self._stretches, self._ceiling = stretches, ceiling

    def blocks(self) -> Iterator[Wav]:
        """The new take, from its first sample to its last."""
        at = 0
        for stretch in self._stretches:
            yield from self._original(at, stretch.start - stretch.fade_in)
            gain = self._gain(stretch)
            yield self._faded(stretch.start - stretch.fade_in, stretch.start, gain, is_into=True)
            leaves, at = self._fade_out(stretch, gain)
            for first in range(stretch.start, leaves, BLOCK_SAMPLES):
                yield self._drawn.between(first, min(leaves, first + BLOCK_SAMPLES)) * gain
            yield self._faded(leaves, at, gain, is_into=False)
        yield from self._original(at, self._drawn.num_samples)

    def _original(self, first: int, stop: int) -> Iterator[Wav]:
        for start in range(first, stop, BLOCK_SAMPLES):
            yield self._kept_between(start, min(stop, start + BLOCK_SAMPLES))

    def _kept_between(self, first: int, stop: int) -> Wav:
        return self._kept.between(first - self._kept_start, stop - self._kept_start)

    def _fade_out(self, stretch: Stretch, gain: np.float32) -> tuple[int, int]:
        """From where to where a stretch is led over into the original.

        All of what was drawn on or, where a moment of it is much quieter, in the first such lull: two strikes that fade
        into each other are heard as two.
        """
        first, stop = stretch.end, stretch.end + stretch.fade_out
        rate = self._drawn.sample_rate
        short, step = round(SHORT_FADE_S * rate), round(SHORT_FADE_S * rate / 8)
        if stop - first <= short:
            return first, stop
        both = np.square(self._kept_between(first, stop), dtype=np.float64)
        both += np.square(self._drawn.between(first, stop) * gain, dtype=np.float64)
        sums = np.concatenate([[0.0], np.cumsum(both)])
        starts = np.arange(0, stop - first - short + 1, step)
        energy = (sums[starts + short] - sums[starts]) / short
        lulls = starts[energy <= LULL * sums[-1] / (stop - first)]
        if not lulls.size:
            return first, stop
        return first + int(lulls[0]), first + int(lulls[0]) + short

    def _faded(self, first: int, stop: int, gain: np.float32, *, is_into: bool) -> Wav:
        if first == stop:
            return np.empty(0, np.float32)  # a stretch at an end of the take has nothing beside it
        kept, drawn = self._kept_between(first, stop), self._drawn.between(first, stop) * gain
        return crossfade(kept, drawn, self._ceiling) if is_into else crossfade(drawn, kept, self._ceiling)

    def _gain(self, stretch: Stretch) -> np.float32:
        """What the drawn samples of a stretch are multiplied by."""
        first, stop = stretch.start - stretch.fade_in, stretch.end + stretch.fade_out
        peak = max(
            (
                peak_of(self._drawn.between(start, min(stop, start + BLOCK_SAMPLES)))
                for start in range(first, stop, BLOCK_SAMPLES)
            ),
            default=0.0,
        )
        level = self._level_near(stretch)
        return np.float32(level * gain_to(self._ceiling, level * peak))

    def _level_near(self, stretch: Stretch) -> float:
        """The original over what its own tokens were decoded to now, beside a stretch; 1 where nothing tells."""
        was = now = 0.0
        for first, stop in self._told_by(stretch):
            was += _energy(self._kept_between(first, stop))
            now += _energy(self._drawn.between(first, stop))
        return min(1.0, (was / now) ** 0.5) if was > 0 and now > 0 else 1.0

    def _told_by(self, stretch: Stretch) -> Iterator[tuple[int, int]]:
        rate = self._drawn.sample_rate
        reach, guard = round(LEVEL_REACH_S * rate), round(LEVEL_GUARD_S * rate)
        ends = [0, *(each.end + each.fade_out + guard for each in self._stretches)]
        begins = [*(each.start - each.fade_in - guard for each in self._stretches), self._drawn.num_samples]
        for low, high in zip(ends, begins, strict=True):
            first, stop = max(low, stretch.start - reach), min(high, stretch.end + reach)
            if first < stop:
                yield first, stop


def crossfade(before: Wav, after: Wav, ceiling: float) -> Wav:
    """Lead one sound over into another of the same length, the power held whatever they have in common.

    Two sounds that are alike add up in amplitude (a linear fade holds their loudness), two that are not add up in
    power (an equal-power fade does): the fade lies between the two by the correlation r that is found, its gains a and
    b having a² + b² + 2 r a b = 1. Where that would pass the ceiling, the linear one is taken, which cannot.
    """
    share = (np.arange(len(before), dtype=np.float32) + np.float32(0.5)) / np.float32(max(len(before), 1))
    rising = 0.5 - 0.5 * np.cos(np.pi * share)
    linear = before * (1 - rising) + after * rising
    alike = _correlation(before, after)
    power = (1 - rising) ** 2 + rising**2 + 2 * alike * rising * (1 - rising)
    mixed = np.asarray(linear / np.sqrt(power), np.float32)
    return mixed if peak_of(mixed) <= ceiling else np.asarray(linear, np.float32)


def _correlation(one: Wav, other: Wav) -> float:
    """0 to 1."""
    scale = (_energy(one) * _energy(other)) ** 0.5
    return max(0.0, min(1.0, float(np.dot(one, other)) / scale)) if scale > 0 else 0.0


def _energy(wav: Wav) -> float:
    return float(np.dot(wav.astype(np.float64), wav))
