"""What a changed cut means for every cue, one line each: for people, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct

from engine.protocol import fraction
from foley_plugin.jobs.recut.conform import Conformed, Stretch
from foley_plugin.jobs.recut.holdings import Holding
from foley_plugin.jobs.recut.records import Need, Part
from foley_plugin.timeline.ranges import inner_extent

STATES = (
    "kept",
    "moved",
    "trimmed",
    "split",
    "repeated",
    "joined",
    "extended",
    "retimed",
    "replaced",
    "gone",
    "new",
)


class NewPlace(Struct, frozen=True):
    """Where in the new cut; seconds from the timeline's start."""

    clip: str
    track: str
    index: int
    record_in_s: float
    record_out_s: float


class CueLine(Struct, frozen=True):
    """One cue at one of its places.

    `state` is one of `STATES`; the stale ones are extended, retimed and replaced. A clip that was slipped is trimmed
    at one end and extended at the other: within its handles the former, past them the latter; `text` calls it slipped.
    `needs_s` seconds have no sound that was made for them.
    """

    cue: str | None
    label: str | None
    clip: str
    state: str
    is_stale: bool
    to: list[NewPlace]
    moved_frames: int | None
    """How far the picture has moved; None where that is not known, or there is none."""
    needs_s: float
    text: str


def lines_of(conformed: Conformed) -> list[CueLine]:
    """Cues in the order of the new cut, then what is gone, then what is new."""
    uses: dict[int, list[tuple[Stretch, Part | None]]] = {}
    for stretch in conformed.stretches:
        fit = stretch.fit
        for part in fit.parts:
            uses.setdefault(part.recording, []).append((stretch, part))
        if fit.owner is not None and fit.owner not in {part.recording for part in fit.parts}:
            uses.setdefault(fit.owner, []).append((stretch, None))
    lines: list[tuple[Fraction, CueLine]] = []
    gone: list[CueLine] = []
    for number, holding in enumerate(conformed.holdings):
        if number in uses:
            lines.append((uses[number][0][0].shown.record_in, _line(conformed, holding, uses[number])))
        elif not (holding.is_past or holding.recording.is_older):
            gone.append(_gone(conformed, holding))
    new = [_new(stretch) for stretch in conformed.stretches if stretch.fit.need is Need.NEW]
    return [*(line for _, line in sorted(lines, key=lambda one: one[0])), *gone, *new]


def _line(conformed: Conformed, holding: Holding, uses: Sequence[tuple[Stretch, Part | None]]) -> CueLine:
    fits = [stretch.fit for stretch, _ in uses]
    needs = {fit.need for fit in fits if fit.need is not None}
    needs_s = float(sum((fit.missing for fit in fits if fit.need), Fraction(0)))
    moved = _moved_frames(conformed, holding, uses)
    state = _state(uses, moved)
    return CueLine(
        cue=holding.cue.key,
        label=holding.cue.label or (holding.take.label if holding.take else None),
        clip=uses[0][0].selected.clip.name if holding.place is None else holding.place.clip,
        state=state,
        is_stale=bool(needs),
        to=[_place(stretch) for stretch, _ in uses],
        moved_frames=moved,
        needs_s=needs_s,
        text=_text(state, _is_slipped(conformed, holding, uses), len(uses), moved, needs_s, bool(needs))
        + ("" if holding.take else "; silent by choice"),
    )


def _state(uses: Sequence[tuple[Stretch, Part | None]], moved: int | None) -> str:
    parts = [part for _, part in uses if part is not None]
    if len(parts) > 1:
        ranges = sorted((part.start + part.shift, part.end + part.shift) for part in parts)
        overlaps = any(before[1] > after[0] + Fraction(1, 1000) for before, after in pairwise(ranges))
        return "repeated" if overlaps else "split"
    fit = uses[0][0].fit
    if fit.need is not None:
        return fit.need.value
    if len(fit.parts) > 1:
        return "joined"
    if not fit.is_whole:
        return "trimmed"
    return "moved" if moved else "kept"


def _is_slipped(conformed: Conformed, holding: Holding, uses: Sequence[tuple[Stretch, Part | None]]) -> bool:
    """Whether its one place is as long as it was, so that nothing but the picture in it has moved."""
    start, end = holding.recording.window or (Fraction(0), holding.recording.duration)
    longer = uses[0][0].shown.duration - (end - start)
    return len(uses) == 1 and abs(longer) <= 1 / conformed.rate / 2


def _moved_frames(
    conformed: Conformed, holding: Holding, uses: Sequence[tuple[Stretch, Part | None]]
) -> int | None:
    stretch, part = uses[0]
    if part is None or holding.recording.record_in is None:
        return None
    by = stretch.shown.record_in - part.shift - holding.recording.record_in
    return round(by * conformed.rate)


def _text(state: str, is_slipped: bool, uses: int, moved: int | None, needs_s: float, is_stale: bool) -> str:
    words = {
        "kept": "kept",
        "moved": "moved",
        "trimmed": "slipped within handles" if is_slipped else "trimmed within handles",
        "split": f"split into {uses}",
        "repeated": f"used {uses} times",
        "joined": "joined with others",
        "extended": "slipped past the handles" if is_slipped else "extended past the handles",
        "retimed": "retimed",
        "replaced": "media replaced",
    }[state]
    if moved:
        words += f", by {moved:+d} frames" if state == "moved" else f", moved by {moved:+d} frames"
    return f"{words}; stale: needs {needs_s:.2f} s" if is_stale else words


def _gone(conformed: Conformed, holding: Holding) -> CueLine:
    return CueLine(
        cue=holding.cue.key,
        label=holding.cue.label or (holding.take.label if holding.take else None),
        clip=holding.cue.media if holding.place is None else holding.place.clip,
        state="gone",
        is_stale=False,
        to=[],
        moved_frames=None,
        needs_s=0.0,
        text=_why_gone(conformed, holding),
    )


def _why_gone(conformed: Conformed, holding: Holding) -> str:
    """Gone, or there and not seen."""
    low, high = inner_extent(holding.recording.time_map)
    for clip in conformed.cut.clips:
        is_same = conformed.identities.get(clip.media or "") in holding.recording.media
        if is_same and fraction(clip.source_in) < high and fraction(clip.source_out) > low:
            if not clip.enabled:
                return "gone: its clip is disabled"
            return "gone: another clip covers it" if clip.eligible else f"gone: {clip.reason}"
    return "gone; its takes are kept"


def _new(stretch: Stretch) -> CueLine:
    needs_s = float(stretch.fit.missing)
    name = stretch.selected.clip.name
    return CueLine(
        None, None, name, "new", False, [_place(stretch)], None, needs_s, f"new: needs {needs_s:.2f} s"
    )


def _place(stretch: Stretch) -> NewPlace:
    clip, shown = stretch.selected.clip, stretch.shown
    return NewPlace(clip.name, clip.track, clip.index, float(shown.record_in), float(shown.record_out))
