"""Several drafts of each window of a take, of which the best is kept: on its hits, and like nothing learned by heart.

Whether a draft leaves a hit out is chance, so two seldom leave out the same one; and so it is with events that repeat
one of the training. Drafts are drawn as takes are, side by side; what is heard of the one that is kept is what its
tokens say, untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.codec.encodec import Encodec
from engine.lm.units import TakeUnit
from engine.lm.window_queue import Verdict
from engine.lm.windows import Window
from engine.media.matching import onset_f1, times_of
from engine.media.onsets import detect_onsets
from engine.media.wav_stream import Wav
from engine.prints.event import NEAR_HIT_S, event_print
from engine.prints.learnt import LearntEvents
from engine.sounding import waveform

TOLERANCE_S = 0.05
NEAR_COST = 0.3
"""Of an F1 of 1, where all events repeat learned ones: more than an onset too many, less than a hit of two left out."""
GOOD_NEAR_SHARE = 0.1
FARNESS_WORTH, FAR = 0.01, 1.25
"""Decides between equals. Farther than a quarter over near is no better: it would be the oddest draft that is kept."""


@dataclass(frozen=True)
class Heard:
    """What is heard of codes: wav [N] at the codec's rate, and its onsets in seconds."""

    wav: Wav
    onsets_s: list[float]

    def onset_at(self, hit_s: float) -> float:
        """The onset next to a hit, or the hit's own time where none is near."""
        nearest = min(self.onsets_s, key=lambda each: abs(each - hit_s), default=hit_s)
        return nearest if abs(nearest - hit_s) <= NEAR_HIT_S else hit_s


@dataclass(frozen=True)
class DraftJudge:
    """For drafts that fall on the hits and do not repeat learned events.

    Attributes:
        labels: the language model's, by their indices.
        learnt: None where a model came without.
    """

    codec: Encodec
    labels: Sequence[str]
    learnt: LearntEvents | None = None

    def most_drafts(self, unit: TakeUnit, window: Window) -> int:
        """One, where a window has no hits to fall on."""
        return unit.sampling.drafts if _between(unit.hits_s, *self._span(unit, window)) else 1

    def __call__(self, unit: TakeUnit, window: Window, drafts: Sequence[Tensor]) -> list[Verdict]:
        """Good is a draft, codes [K, L], on all hits that repeats hardly an event. All are heard side by side."""
        with ThreadPoolExecutor(len(drafts)) as pool:
            heard = list(pool.map(partial(heard_in, self.codec), drafts))
        return [self._verdict(unit, window, each) for each in heard]

    def _verdict(self, unit: TakeUnit, window: Window, heard: Heard) -> Verdict:
        start_s = (window.start - unit.opening_frames) / self.codec.config.frame_rate
        first_s, end_s = self._span(unit, window)
        hits_s = _between(unit.hits_s, first_s, end_s)
        onsets_s = _between([start_s + each for each in heard.onsets_s], first_s, end_s)
        f1 = onset_f1(onsets_s, hits_s, TOLERANCE_S)
        far = self._farness(unit, heard, [each - start_s for each in hits_s])
        near_share = float(np.mean(far < 1))
        score = f1 - NEAR_COST * near_share + FARNESS_WORTH * float(np.mean(far.clip(max=FAR)))
        return Verdict(score, is_good=f1 == 1 and near_share <= GOOD_NEAR_SHARE)

    def _span(self, unit: TakeUnit, window: Window) -> tuple[float, float]:
        """Between which seconds of what is heard of the take a window's drafts are judged."""
        rate = self.codec.config.frame_rate
        start_s = (window.start - unit.opening_frames) / rate
        first_s, end_s = start_s + window.prime / rate, start_s + window.length / rate
        if window.start:
            first_s -= TOLERANCE_S
        if window.start + window.length < unit.num_frames:
            end_s -= TOLERANCE_S  # what sounds there may be late: the next window's
        return first_s, end_s

    def _farness(self, unit: TakeUnit, heard: Heard, hits_s: Sequence[float]) -> NDArray[np.float64]:
        """Of the events at hits, seconds from the draft's start: see `LearntEvents.farness`.

        What goes on from a cast sound is to be like that one, however near that is.
        """
        label = unit.conditions.label
        if self.learnt is None or label is None or unit.opening is not None:
            return np.full(len(hits_s), np.inf)
        rate = self.codec.config.sample_rate
        prints = [event_print(heard.wav, rate, round(rate * heard.onset_at(hit_s))) for hit_s in hits_s]
        return self.learnt.farness(self.labels[label], prints)


def _between(times_s: Sequence[float], first_s: float, end_s: float) -> list[float]:
    return [each for each in times_s if first_s <= each < end_s]


def heard_in(codec: Encodec, codes: Tensor) -> Heard:
    """Of codes [K, T] of some seconds."""
    rate = codec.config.sample_rate
    # What a resampler leaves out at the end is less than a frame.
    num_samples = (codes.shape[-1] - 1) * rate // codec.config.frame_rate
    wav = waveform(codec, codes, num_samples, rate)
    return Heard(wav, times_of(detect_onsets(wav, rate)))
