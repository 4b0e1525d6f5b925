"""From a selected clip to what the engine is asked for and to where the take goes.

A WAV starts and ends on whole frames of the timeline and holds the handles:

    timeline frames   |----|----|----|----|----|----|----|----|
    clip                          [==============]              its edges may fall between frames
    WAV                    [head  |==============|    tail  ]
                           ^      ^
                           |      record_frame
                           record_frame - head_frames
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.protocol import Hit, Picture, Rational, Span, fraction, rational
from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.ranges import Piece, extended, pieces_of_spans, runs, shifted, trimmed
from foley_plugin.timeline.rates import tidy
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected

SAMPLE_RATE = 48_000
ON_A_FRAME = Fraction(1, 1000)
"""Frames; an edge this near to a whole one is meant to lie on it."""


@dataclass(frozen=True)
class CuePlan:
    """What to make for a selected clip, and where it goes.

    Attributes:
        picture: head handle, clip and tail handle as played; the handles go on in the clip's own media.
        head: exact seconds from the WAV's start to the clip's.
        duration: exact seconds of the clip, as far as it is selected.
        record_frame: where the clip starts, frames from the timeline's start (global_start_time excluded).
        duration_frames: of the clip, rounded up.
        head_frames: of the WAV before `record_frame`.
        wav_frames: of the whole WAV.
        num_samples: of the whole WAV at 48 kHz; at least `wav_frames` long, so that no range exceeds it.
    """

    picture: Picture
    head: Rational
    duration: Rational
    record_frame: int
    duration_frames: int
    head_frames: int
    wav_frames: int
    num_samples: int
    cut_samples: int = 0
    """To leave off the WAV's start, so that its frames fall on the timeline's; `wav_frames` count what is left."""
    ring_limit_frames: int | None = None
    """The furthest that a late hit may ring past the clip, where that is less than the tail."""

    @property
    def tail_frames(self) -> int:
        """Frames of the WAV after the clip."""
        return self.wav_frames - self.head_frames - self.duration_frames


def plan_cue(cut: CutRecord, selected: Selected, *, handle_s: Fraction = Fraction(1)) -> CuePlan:
    """Plan the take of a selected clip.

    Args:
        handle_s: seconds of sound before and after the clip, lengthened to whole frames.

    Raises:
        SelectionError: the clip cannot get foley.
    """
    clip = selected.clip
    if not clip.eligible or clip.media is None:
        raise SelectionError(clip.reason or f"Clip “{clip.name}” cannot get foley.")
    rate = fraction(cut.rate)
    record_frame, end_frame = frame_edges(selected.record_in, selected.record_out, rate)
    first_frame = min(record_frame, floor_frames((selected.record_in - handle_s) * rate))
    last_frame = max(end_frame, ceil_frames((selected.record_out + handle_s) * rate))
    head = selected.record_in - first_frame / rate
    tail = last_frame / rate - selected.record_out
    wav_frames = last_frame - first_frame
    return CuePlan(
        picture=Picture(media=clip.media, spans=_spans(pieces_of(selected), head, tail)),
        head=rational(tidy(head)),
        duration=rational(tidy(selected.record_out - selected.record_in)),
        record_frame=record_frame,
        duration_frames=end_frame - record_frame,
        head_frames=record_frame - first_frame,
        wav_frames=wav_frames,
        num_samples=math.ceil(wav_frames * SAMPLE_RATE / rate),
    )


def frame_edges(record_in: Fraction, record_out: Fraction, rate: Fraction) -> tuple[int, int]:
    """The frames that a stretch of the timeline touches: its first, and the first one after it."""
    first = floor_frames(record_in * rate)
    return first, max(first + 1, ceil_frames(record_out * rate))


def ring_frames(plan: CuePlan, hits: Sequence[Hit], rate: Fraction) -> int:
    """How many frames past the clip its placed range should go on, so that a late hit rings out.

    None without a hit within a tail's length of the out-point; else the whole tail, or up to the first
    hit that is no longer seen.

    Args:
        hits: seconds from the clip's start.
        rate: frames a second of the timeline.
    """
    end_s = float(fraction(plan.duration))
    tail_frames = plan.tail_frames
    if plan.ring_limit_frames is not None:
        tail_frames = min(tail_frames, plan.ring_limit_frames)
    tail_s = float(tail_frames / rate)
    if not any(end_s - tail_s <= hit.time_s < end_s for hit in hits):
        return 0
    unseen_s = min((hit.time_s for hit in hits if hit.time_s >= end_s), default=end_s + tail_s)
    return max(0, min(tail_frames, math.floor((unseen_s - end_s) * rate)))


def cue_key(selected: Selected, *, label: str | None, layer: int) -> str:
    """What makes a cue the same cue in the next export: 64 hex digits.

    Of the media's content, its source range, the time map, the label and the layer; not of the clip's
    name, its place or the cut's path, which change from export to export. Where the cut shows the same shot
    several times, each instance is a cue of its own, told by its number among them.
    """
    clip = selected.clip
    identity = media_identity(clip.media) if clip.media else ""
    return key_of(identity, pieces_of(selected), label=label, layer=layer, twin=clip.twin)


def key_of(identity: str, pieces: Sequence[Piece], *, label: str | None, layer: int, twin: int = 0) -> str:
    """The key of a cue by its media's identity and its time map; `twin` as `ClipRecord.twin`."""
    parts = [json.dumps(identity), time_map_of(pieces), json.dumps(label), json.dumps(layer)]
    if twin:
        parts.append(json.dumps(twin))
    return hashlib.sha256(f"[{','.join(parts)}]".encode("ascii")).hexdigest()


def time_map_of(pieces: Sequence[Piece]) -> str:
    """The picture of a clip's first unbroken stretch as text that is equal where the picture is."""
    run = next(iter(runs(pieces)), [])
    time_map = [[str(each) for each in (p.duration, p.inner_start, p.speed)] for p in run]
    return json.dumps(time_map, separators=(",", ":"))


def pieces_of(selected: Selected) -> list[Piece]:
    """The selected part of the clip's picture, on the timeline."""
    whole = shifted(pieces_of_spans(selected.clip.spans), fraction(selected.clip.record_in))
    return trimmed(whole, selected.record_in, selected.record_out)


def _spans(pieces: list[Piece], head: Fraction, tail: Fraction) -> list[Span]:
    """The picture with its handles; the engine holds the edge frame where the media ends."""
    if not pieces:
        raise SelectionError("The selected range holds no picture; select a longer one.")
    return [
        Span(rational(tidy(each.duration)), rational(tidy(each.inner_start)), rational(tidy(each.speed)))
        for each in extended(pieces, head, tail)
    ]


def floor_frames(frames: Fraction) -> int:
    """Rounded down, but for what is meant to lie on a whole frame."""
    nearest = round(frames)
    return nearest if abs(frames - nearest) <= ON_A_FRAME else math.floor(frames)


def ceil_frames(frames: Fraction) -> int:
    """Rounded up, but for what is meant to lie on a whole frame."""
    nearest = round(frames)
    return nearest if abs(frames - nearest) <= ON_A_FRAME else math.ceil(frames)
