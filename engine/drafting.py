"""Several drafts of each window of a take, of which the one is kept whose onsets fall on the hits best.

Whether a draft leaves a hit out is chance, so two seldom leave out the same one. Drafts are drawn as takes are, side
by side; what is heard of the one that is kept is what its tokens say, untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from engine.codec.encodec import Encodec
from engine.lm.units import TakeUnit
from engine.lm.windows import Window
from engine.media.matching import onset_f1, times_of
from engine.media.onsets import SAMPLE_RATE, detect_onsets
from engine.sounding import waveform

TOLERANCE_S = 0.05


@dataclass(frozen=True)
class OnHits:
    """Keeps the draft that falls on the hits best; of equals, the first."""

    codec: Encodec

    def __call__(self, unit: TakeUnit, window: Window, drafts: Sequence[Tensor]) -> int:
        """Of a window's drafts, codes [K, L] each, the number of the best."""
        rate = self.codec.config.frame_rate
        start_s = (window.start - unit.opening_frames) / rate
        first_s, end_s = start_s + window.prime / rate, start_s + window.length / rate
        if window.start:
            first_s -= TOLERANCE_S
        if window.start + window.length < unit.num_frames:
            end_s -= TOLERANCE_S  # what sounds there may be late: the next window's
        hits_s = _between(unit.hits_s, first_s, end_s)

        def score(draft: int) -> float:
            onsets_s = [start_s + each for each in heard_in(self.codec, drafts[draft])]
            return onset_f1(_between(onsets_s, first_s, end_s), hits_s, TOLERANCE_S)

        return max(range(len(drafts)), key=score)


def _between(times_s: Sequence[float], first_s: float, end_s: float) -> list[float]:
    return [each for each in times_s if first_s <= each < end_s]


def heard_in(codec: Encodec, codes: Tensor) -> list[float]:
    """Onsets of codes [K, T] of some seconds, in seconds from their start."""
    # What a resampler leaves out at the end is less than a frame.
    num_samples = (codes.shape[-1] - 1) * SAMPLE_RATE // codec.config.frame_rate
    return times_of(detect_onsets(waveform(codec, codes, num_samples, SAMPLE_RATE)))
