"""Laying a WAV that is there already under a clip: whole frames for the timeline, samples for the rest.

timeline frames   |----|----|----|----|----|----|
clip                   [=============]
WAV               ..|..|=============|..|...         its first sample falls between two frames
a copy of it           |=============|..|...         without the samples before a frame
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.protocol import rational
from foley_plugin.timeline.placement import (
    ON_A_FRAME,
    SAMPLE_RATE,
    CuePlan,
    ceil_frames,
    floor_frames,
    frame_edges,
)
from foley_plugin.timeline.rates import tidy
from foley_plugin.timeline.selection import Selected


@dataclass(frozen=True)
class Lie:
    """How a WAV lies under a clip.

    Attributes:
        record_frame, duration_frames: what is heard, frames from the timeline's start.
        head_frames: of the file before `record_frame`.
        cut_samples: to leave off the file's start, so that its frames fall on the timeline's.
        wav_frames: of the file that is left.
    """

    record_frame: int
    duration_frames: int
    head_frames: int
    cut_samples: int
    wav_frames: int


def lie_of(wav_start: Fraction, num_samples: int, first: int, end: int, rate: Fraction) -> Lie:
    """How a WAV lies under what is to be heard of it, as far as it goes.

    Args:
        wav_start: seconds from the timeline's start to the WAV's first sample; may be negative.
        num_samples: of the WAV at 48 kHz.
        first, end: the frames to be heard, the last one excluded.
        rate: frames a second of the timeline.

    Returns:
        `duration_frames` of 0 or less where the WAV has nothing for that stretch.
    """
    first = max(first, ceil_frames(wav_start * rate))
    head_frames, cut_samples = _head(first - wav_start * rate, rate)
    wav_frames = math.floor(Fraction(num_samples - cut_samples, SAMPLE_RATE) * rate)
    return Lie(first, min(end - first, wav_frames - head_frames), head_frames, cut_samples, wav_frames)


def laid_plan(plan: CuePlan, selected: Selected, wav_start: Fraction, rate: Fraction) -> CuePlan:
    """The plan of a WAV that was made for other edges, laid under the selection.

    Where it does not reach, or a slip has still to bring it there, `head_frames` may be negative:
    `slipped_plan` ends at what is there.

    Args:
        wav_start: seconds from the timeline's start to the WAV's first sample.
    """
    first, end = frame_edges(selected.record_in, selected.record_out, rate)
    head_frames, cut_samples = _head(first - wav_start * rate, rate)
    return replace(
        plan,
        duration=rational(tidy(selected.record_out - selected.record_in)),
        record_frame=first,
        duration_frames=end - first,
        head_frames=head_frames,
        cut_samples=cut_samples,
        wav_frames=math.floor(Fraction(plan.num_samples - cut_samples, SAMPLE_RATE) * rate),
    )


def slipped_plan(plan: CuePlan, slip_samples: int, rate: Fraction) -> CuePlan:
    """The same place with the sound `slip_samples` later (earlier where negative), as far as it goes."""
    wav_start = wav_start_of(plan, rate) + Fraction(slip_samples, SAMPLE_RATE)
    end = plan.record_frame + plan.duration_frames
    lie = lie_of(wav_start, plan.num_samples, plan.record_frame, end, rate)
    return replace(
        plan,
        record_frame=lie.record_frame,
        duration_frames=lie.duration_frames,
        head_frames=lie.head_frames,
        cut_samples=lie.cut_samples,
        wav_frames=lie.wav_frames,
    )


def _head(offset_frames: Fraction, rate: Fraction) -> tuple[int, int]:
    """Whole frames of the file before what is heard, and the samples that are left over."""
    head_frames = floor_frames(offset_frames)
    rest = offset_frames - head_frames
    return head_frames, 0 if abs(rest) <= ON_A_FRAME else round(rest / rate * SAMPLE_RATE)


def slip_limits(plan: CuePlan, rate: Fraction) -> tuple[int, int]:
    """The samples by which a sound may come earlier and later, so that the clip is still filled.

    Returns:
        The least and the greatest slip, samples at 48 kHz.
    """
    head = Fraction(plan.head_frames, 1) / rate + Fraction(plan.cut_samples, SAMPLE_RATE)
    length = Fraction(plan.num_samples, SAMPLE_RATE)
    tail = length - head - plan.duration_frames / rate
    return -math.floor(tail * SAMPLE_RATE), math.floor(head * SAMPLE_RATE)


def wav_start_of(plan: CuePlan, rate: Fraction) -> Fraction:
    """Seconds from the timeline's start to the first sample of the take, before anything is cut off it."""
    return (plan.record_frame - plan.head_frames) / rate - Fraction(plan.cut_samples, SAMPLE_RATE)
