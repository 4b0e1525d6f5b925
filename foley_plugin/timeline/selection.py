"""Which clips of a cut get foley, and which part of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.protocol import fraction
from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.timecode import frames_of_timecode, timecode_of_seconds

NAMES_SHOWN = 8
_POSITION = re.compile(r"[Vv](\d+):(\d+)")

Interval = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Selected:
    """A clip, or a part of it: record seconds from the timeline's start, exact."""

    clip: ClipRecord
    record_in: Fraction
    record_out: Fraction


def select(
    cut: CutRecord,
    *,
    clips: Sequence[str] = (),
    in_tc: str | None = None,
    out_tc: str | None = None,
) -> list[Selected]:
    """What to make foley for, in record order.

    Picked clips are made whole, also where another covers them. Without picks it is the topmost enabled
    clip at each moment, so that a clip under another gives the parts that are seen. Both are cut to the
    in/out range.

    Args:
        clips: names as in the cut, or places such as "V1:3".
        in_tc, out_tc: absolute timecode, global_start_time included; the out frame is the first one left out.

    Raises:
        SelectionError: nothing is found, or what was picked cannot get foley.
    """
    limits = _limits(cut, in_tc, out_tc)
    chosen = [whole_clip(clip) for clip in _picked(cut, clips)] if clips else _seen(cut, _is_eligible)
    within = [part for part in (_within(each, limits) for each in chosen) if part is not None]
    if not within:
        raise SelectionError(_why_nothing(cut, clips, chosen))
    return sorted(within, key=lambda each: (each.record_in, each.clip.layer, each.record_out))


def left_out(
    cut: CutRecord,
    *,
    clips: Sequence[str] = (),
    in_tc: str | None = None,
    out_tc: str | None = None,
) -> list[ClipRecord]:
    """What `select` passes over though it is seen, or picked, since something is wrong with it: its media above all.

    What nobody expects to be heard is not among it: disabled clips, titles, generators, still pictures.
    """
    limits = _limits(cut, in_tc, out_tc)
    if clips:
        found = [whole_clip(clip) for each in clips for clip in find_clips(cut, each) if _is_wrong(clip)]
    else:
        found = _seen(cut, _is_wrong)
    within = [part.clip for part in (_within(each, limits) for each in found) if part is not None]
    return list({(clip.track, clip.index): clip for clip in within}.values())


def _is_wrong(clip: ClipRecord) -> bool:
    return not clip.eligible and clip.enabled and clip.kind != "title" and not clip.is_still


def find_clips(cut: CutRecord, wanted: str) -> list[ClipRecord]:
    """The clips of that name or at that place; names repeat.

    Raises:
        SelectionError: none; the message says what there is.
    """
    named = [clip for clip in cut.clips if clip.name == wanted]
    named = named or [clip for clip in cut.clips if clip.name.casefold() == wanted.casefold()]
    if named:
        return named
    position = _POSITION.fullmatch(wanted.strip())
    if position is None:
        raise SelectionError(f"There is no clip “{wanted}” in the cut; {_what_there_is(cut)}.")
    track, index = f"V{int(position[1])}", int(position[2])
    on_track = [clip for clip in cut.clips if clip.track == track]
    found = [clip for clip in on_track if clip.index == index]
    if not found and on_track:
        count = "one clip" if len(on_track) == 1 else f"{len(on_track)} clips"
        raise SelectionError(f"There is no {track}:{index} in the cut; {track} has {count}.")
    if not found:
        tracks = ", ".join(dict.fromkeys(clip.track for clip in cut.clips)) or "none"
        raise SelectionError(f"There are no clips on {track} in the cut; tracks with clips: {tracks}.")
    return found


def _picked(cut: CutRecord, wanted: Sequence[str]) -> list[ClipRecord]:
    """The picked clips without repeats; a name that several clips bear needs one that can get foley."""
    picked: dict[tuple[str, int], ClipRecord] = {}
    for each in wanted:
        found = find_clips(cut, each)
        able = [clip for clip in found if clip.eligible]
        if not able:
            raise SelectionError(found[0].reason or f"Clip “{each}” cannot get foley.")
        picked |= {(clip.track, clip.index): clip for clip in able}
    return list(picked.values())


def _is_eligible(clip: ClipRecord) -> bool:
    return clip.eligible


def _seen(cut: CutRecord, is_meant: Callable[[ClipRecord], bool]) -> list[Selected]:
    """The parts of such clips that no enabled clip of a higher layer covers, from a frame on."""
    frame_s = 1 / fraction(cut.rate)
    covered: list[Interval] = []
    seen: list[Selected] = []
    by_layer: dict[int, list[ClipRecord]] = {}
    for clip in cut.clips:
        by_layer.setdefault(clip.layer, []).append(clip)
    for layer in sorted(by_layer, reverse=True):
        for clip in by_layer[layer]:
            if is_meant(clip):
                parts = _uncovered(_interval(clip), covered)
                seen += (Selected(clip, start, end) for start, end in parts if end - start >= frame_s)
        hiding = [_interval(clip) for clip in by_layer[layer] if clip.enabled and clip.kind != "title"]
        covered = _united([*covered, *hiding])
    return seen


def _uncovered(whole: Interval, covered: Sequence[Interval]) -> Iterator[Interval]:
    start, end = whole
    for low, high in covered:
        if high <= start:
            continue
        if low >= end:
            break
        if low > start:
            yield start, low
        start = high
    if start < end:
        yield start, end


def _united(intervals: Sequence[Interval]) -> list[Interval]:
    united: list[Interval] = []
    for low, high in sorted(intervals):
        if united and low <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], high))
        else:
            united.append((low, high))
    return united


def _interval(clip: ClipRecord) -> Interval:
    return fraction(clip.record_in), fraction(clip.record_out)


def whole_clip(clip: ClipRecord) -> Selected:
    return Selected(clip, *_interval(clip))


def _within(selected: Selected, limits: tuple[Fraction | None, Fraction | None]) -> Selected | None:
    start, end = limits
    record_in = selected.record_in if start is None else max(start, selected.record_in)
    record_out = selected.record_out if end is None else min(end, selected.record_out)
    return Selected(selected.clip, record_in, record_out) if record_in < record_out else None


def _limits(cut: CutRecord, in_tc: str | None, out_tc: str | None) -> tuple[Fraction | None, Fraction | None]:
    start = None if in_tc is None else record_time(cut, in_tc)
    end = None if out_tc is None else record_time(cut, out_tc)
    if start is not None and end is not None and end <= start:
        raise SelectionError(f"The range ends at {out_tc}, before it begins at {in_tc}; swap the two.")
    length = fraction(cut.duration)
    for time, text in ((start, in_tc), (end, out_tc)):
        if time is not None and not 0 <= time <= length:
            first, last = (_timecode(cut, edge) for edge in (Fraction(0), length))
            raise SelectionError(f"{text} lies outside the timeline, which runs from {first} to {last}.")
    return start, end


def record_time(cut: CutRecord, timecode: str) -> Fraction:
    """Seconds from the timeline's start of an absolute timecode.

    Raises:
        SelectionError: it is none.
    """
    rate = fraction(cut.rate)
    return frames_of_timecode(timecode, rate, drop_frame=cut.drop_frame) / rate - fraction(cut.start)


def _timecode(cut: CutRecord, record_time: Fraction) -> str:
    absolute = record_time + fraction(cut.start)
    return timecode_of_seconds(absolute, fraction(cut.rate), drop_frame=cut.drop_frame)


def _what_there_is(cut: CutRecord) -> str:
    names = list(dict.fromkeys(clip.name for clip in cut.clips if clip.name))
    if not names:
        return "it has no named clips: pick by place, such as V1:1" if cut.clips else "it has no video clips"
    shown = ", ".join(f"“{name}”" for name in names[:NAMES_SHOWN])
    rest = len(names) - NAMES_SHOWN
    return f"it has {shown} and {rest} more" if rest > 0 else f"it has {shown}"


def _why_nothing(cut: CutRecord, clips: Sequence[str], chosen: Sequence[Selected]) -> str:
    if chosen:
        who = "None of the picked clips" if clips else "No clip that can get foley"
        return f"{who} lies in the in/out range; widen the range."
    reasons = [clip.reason for clip in cut.clips if clip.reason]
    if not reasons:
        return "The cut has no video clip to make foley for; put picture on a video track and export again."
    if len(reasons) == 1:
        return reasons[0]
    return f"None of the {len(reasons)} clips can get foley; the first: {reasons[0]}"
