"""What becomes of each transition of a layer: a dissolve between clips, a fade, or a cut.

    [left      ]            [gap][right      ]       [left      ]
            [right    ]          / fade in               fade out \\

A dissolve needs media of both clips beyond their cut; a fade lies within its one clip.
"""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import dataclass, replace
from fractions import Fraction

from foley_plugin.nle.sequence import Dissolve, Fade, SequenceClip
from foley_plugin.timeline.guards import Json
from foley_plugin.timeline.out.seats import Crossing, Seat

NEARLY_A_FRAME = Fraction(1, 20)
"""Frames; media that is short of a whole frame by less has been rounded by its container."""


@dataclass(frozen=True)
class LaidCrossing:
    """What becomes of a transition.

    Attributes:
        node: the transition's JSON.
        seat: a clip beside it, the later one where there are two.
        is_into: it leads into that clip.
        dissolve: None where it becomes a cut.
        told: what is lost, the end of a sentence that begins with the transition; empty where nothing is.
    """

    node: Json
    seat: Seat
    is_into: bool
    dissolve: Dissolve | None = None
    told: str = ""


@dataclass
class _Pair:
    """A transition with the clips beside it; None where there is a gap, a nest or nothing."""

    crossing: Crossing
    left: Seat | None = None
    right: Seat | None = None


def crossings_of(held: Items[Seat], clips: Items[SequenceClip], rate: Fraction) -> list[LaidCrossing]:
    """Every transition that lies beside a clip of a layer.

    Args:
        held: the layer's clips as the timeline has them, and `clips` as they were laid out.
    """
    pairs: dict[int, _Pair] = {}
    for seat in held:
        if seat.before is not None:
            pairs.setdefault(id(seat.before.node), _Pair(seat.before)).right = seat
        if seat.after is not None:
            pairs.setdefault(id(seat.after.node), _Pair(seat.after)).left = seat
    ending = {clip.record_out: clip for clip in clips}
    starting = {clip.record_in: clip for clip in clips}
    return [_laid(pair, ending, starting, rate) for pair in pairs.values()]


def _laid(
    pair: _Pair, ending: dict[int, SequenceClip], starting: dict[int, SequenceClip], rate: Fraction
) -> LaidCrossing:
    seat = pair.right or pair.left
    assert seat is not None
    found = LaidCrossing(pair.crossing.node, seat, pair.right is not None)
    beside = [each for each in (pair.left, pair.right) if each is not None]
    if not all(each.runs for each in beside):
        return found  # trimmed away with its clip
    cut_s = pair.left.runs[-1][-1].end if pair.left else seat.runs[0][0].start
    at = round(cut_s * rate)
    left, right = ending.get(at), starting.get(at)
    head, tail = round(pair.crossing.head * rate), round(pair.crossing.tail * rate)
    if (left is None and right is None) or head + tail == 0:
        return found
    if left is not None and right is not None:
        return _dissolved(found, left, right, Dissolve(at, head, tail), rate)
    return _faded(found, left or right, Dissolve(at, head, tail, Fade.IN if left is None else Fade.OUT))


def _dissolved(
    found: LaidCrossing, left: SequenceClip, right: SequenceClip, wanted: Dissolve, rate: Fraction
) -> LaidCrossing:
    if not (left.speed and right.speed):
        return replace(found, told="becomes a cut, since a frame is held beside it")
    head = min(wanted.head, _whole_frames(_before_s(right), rate), left.duration)
    tail = min(wanted.tail, _whole_frames(_after_s(left, rate), rate), right.duration)
    short = wanted.head + wanted.tail - head - tail
    if head + tail <= 0:
        return replace(found, told="becomes a cut, since the media beside it ends at the cut")
    frames = "1 frame" if short == 1 else f"{short} frames"
    told = f"becomes {frames} shorter, since the media beside it ends there" if short else ""
    return replace(found, dissolve=Dissolve(wanted.at, head, tail), told=told)


def _faded(found: LaidCrossing, clip: SequenceClip | None, wanted: Dissolve) -> LaidCrossing:
    assert clip is not None
    outside, inside = (wanted.head, wanted.tail) if wanted.fade is Fade.IN else (wanted.tail, wanted.head)
    if outside or inside > clip.duration or not _is_whole(found.seat):
        return replace(found, told="becomes a cut, since it reaches beyond its clip into nothing")
    return replace(found, dissolve=wanted)


def _is_whole(seat: Seat) -> bool:
    """Whether all of a clip is seen, so that its edge is not where a track or nest is trimmed."""
    seen = sum((piece.duration for run in seat.runs for piece in run), Fraction(0))
    return seat.span is not None and seen == seat.span.duration


def _before_s(clip: SequenceClip) -> Fraction:
    """Record seconds of media before what a clip shows first."""
    unseen = clip.source_in if clip.speed > 0 else clip.media.duration - clip.source_in
    return unseen / abs(clip.speed)


def _after_s(clip: SequenceClip, rate: Fraction) -> Fraction:
    """Record seconds of media after what a clip shows last."""
    source_out = clip.source_in + clip.duration * clip.speed / rate
    unseen = clip.media.duration - source_out if clip.speed > 0 else source_out
    return unseen / abs(clip.speed)


def _whole_frames(time_s: Fraction, rate: Fraction) -> int:
    return max(0, int(time_s * rate + NEARLY_A_FRAME))
