"""One-step mends, done to a copy of the parsed timeline and of the placements; the source stays as it is."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import msgspec
import soundfile

from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.out.media_files import MediaFiles
from foley_plugin.timeline.out.seats import Seat, seats_of
from foley_plugin.timeline.preflight.findings import Finding, Mend
from foley_plugin.timeline.preflight.preflight import times_in
from foley_plugin.timeline.rates import snapped_rate
from foley_plugin.timeline.records import Placement


@dataclass(frozen=True)
class Mended:
    """A mended copy, and what was done, one sentence each."""

    timeline: Json
    placements: list[Placement]
    told: list[str]


def mended(
    timeline: Json,
    folder: str,
    placements: Sequence[Placement],
    findings: Sequence[Finding],
    files: MediaFiles,
    rate: Fraction,
) -> Mended:
    """Apply every mend that the findings offer; later clips first, so that ways to them stay right."""
    copied: Json = copy.deepcopy(timeline)
    seats = {seat.at: seat for seat in seats_of(copied, folder, files.whole_of)}
    told: list[str] = []
    gone = {found.at for found in findings if found.mend is Mend.LEAVE_OUT}
    own = [found for found in findings if found.mend in MENDS]
    for found in sorted(own, key=lambda each: (each.at, each.mend is Mend.TRIM_TO_MEDIA), reverse=True):
        seat = seats.get(found.at)
        if seat is None or found.mend is None or (found.at in gone and found.mend is not Mend.LEAVE_OUT):
            continue
        done = f"{seat.shown} {MENDS[found.mend](copied, seat, files)}."
        told += [] if done in told else [done]
    told.reverse()
    if any(found.mend is Mend.DECIMAL_POINTS for found in findings):
        for time in times_in(copied):
            time |= {key: float(time[key]) for key in ("rate", "value") if isinstance(time.get(key), int)}
        told.append("The timeline's times are written with a decimal point.")
    kept, takes_told = _mended_takes(placements, findings, rate)
    return Mended(copied, kept, [*told, *takes_told])


def _left_out(timeline: Json, seat: Seat, files: MediaFiles) -> str:
    assert seat.span is not None
    _replace(timeline, seat.at, [_gap(seat.node, seat.span.duration)])
    return "is left out, and its place stays empty"


def _with_plain_path(timeline: Json, seat: Seat, files: MediaFiles) -> str:
    path, _ = files.path_of(seat)
    is_sequence = schema_name(seat.reference) == "ImageSequenceReference"
    seat.reference["target_url_base" if is_sequence else "target_url"] = path
    return f"names its media as {path}"


def _with_suffix(timeline: Json, seat: Seat, files: MediaFiles) -> str:
    seat.node["name"] = seat.reference["name"] = seat.address.file_name
    return f"is now called {seat.address.file_name}"


def _unlinked(timeline: Json, seat: Seat, files: MediaFiles) -> str:
    metadata = seat.node.get("metadata") or {}
    for key, entry in (("Resolve_OTIO", "Link Group ID"), ("PremierePro_OTIO", "LinkID")):
        if isinstance(metadata.get(key), dict):
            metadata[key].pop(entry, None)
    return "is linked to nothing"


def _trimmed(timeline: Json, seat: Seat, files: MediaFiles) -> str:
    """Cut to the media in whole frames of the clip's own rate; gaps hold the rest of its place."""
    assert seat.span is not None
    origin, end = files.origin_of(seat), files.origin_of(seat) + files.file_of(seat).duration
    rate = _rate_of(seat.node)
    step = snapped_rate(rate)
    head = max(0, math.ceil((origin - seat.span.start) * step))
    tail = max(0, math.ceil((seat.span.end - end) * step))
    length = seat.span.duration * step - head - tail
    clip = seat.node | {"source_range": _range(seat.span.start * step + head, length, rate)}
    pieces = [_gap(seat.node, Fraction(head) / step)] if head else []
    pieces.append(clip)
    pieces += [_gap(seat.node, Fraction(tail) / step)] if tail else []
    _replace(timeline, seat.at, pieces)
    return "is cut to what its media has"


MENDS: dict[Mend, Callable[[Json, Seat, MediaFiles], str]] = {
    Mend.LEAVE_OUT: _left_out,
    Mend.PLAIN_PATH: _with_plain_path,
    Mend.ADD_SUFFIX: _with_suffix,
    Mend.TRIM_TO_MEDIA: _trimmed,
    Mend.UNLINK: _unlinked,
}


def _replace(timeline: Json, at: tuple[int, ...], items: list[Json]) -> None:
    """Put other items in the place of one."""
    holder = timeline["tracks"]
    for position in at[:-1]:
        holder = holder["children"][position]
    holder["children"][at[-1] : at[-1] + 1] = items


def _rate_of(clip: Json) -> float:
    duration = (clip.get("source_range") or {}).get("duration") or {}
    rate = duration.get("rate")
    if isinstance(rate, (int, float)) and rate > 0:
        return float(rate)
    references = [clip.get("media_reference"), *(clip.get("media_references") or {}).values()]
    for reference in references:
        available = (reference or {}).get("available_range") or {}
        found = (available.get("duration") or {}).get("rate")
        if isinstance(found, (int, float)) and found > 0:
            return float(found)
    return 24.0


def _gap(clip: Json, duration: Fraction) -> Json:
    rate = _rate_of(clip)
    return {
        "OTIO_SCHEMA": "Gap.1",
        "metadata": {},
        "name": "",
        "source_range": _range(Fraction(0), duration * snapped_rate(rate), rate),
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _range(start: Fraction, duration: Fraction, rate: float) -> Json:
    def time(value: Fraction) -> Json:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(value)}

    return {"OTIO_SCHEMA": "TimeRange.1", "duration": time(duration), "start_time": time(start)}


def _mended_takes(
    placements: Sequence[Placement], findings: Sequence[Finding], rate: Fraction
) -> tuple[list[Placement], list[str]]:
    asked: dict[int, set[Mend]] = {}
    names: dict[int, str] = {}
    for found in findings:
        if found.take is not None and found.mend is not None:
            asked.setdefault(found.take, set()).add(found.mend)
            names[found.take] = found.clip
    kept: list[Placement] = []
    told: list[str] = []
    for number, placement in enumerate(placements):
        mends = asked.get(number, set())
        if Mend.LEAVE_OUT_TAKE in mends:
            told.append(f"The take {names[number]} is left out.")
            continue
        if mends:
            placement = _mended_take(placement, mends, rate)
            told.append(f"The take {names[number]} is laid as its file is.")
        kept.append(placement)
    return kept, told


def _mended_take(placement: Placement, mends: set[Mend], rate: Fraction) -> Placement:
    sound = soundfile.info(placement.wav)
    if Mend.TAKE_CHANNELS in mends:
        placement = msgspec.structs.replace(placement, num_channels=sound.channels)
    if Mend.TRIM_TAKE in mends:
        frames = math.floor(Fraction(sound.frames, sound.samplerate) * rate)
        duration = max(1, min(placement.duration_frames, frames - placement.head_frames))
        placement = msgspec.structs.replace(placement, duration_frames=duration, wav_frames=frames)
    return placement
