"""The hits of a cut as markers: an EDL that Resolve imports as timeline markers, and a table.

    001  001      V     C        01:00:00:12 01:00:00:13 01:00:00:12 01:00:00:13
     |C:ResolveColorBlue |M:hammer 1.1 |D:1

In Resolve: the timeline's menu in the media pool, Timelines > Import > Timeline Markers from EDL.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.protocol import fraction
from foley_plugin.services.delivery.colours import colour_of
from foley_plugin.services.delivery.cue_sheet import csv_bytes
from foley_plugin.services.delivery.cues import CueLine, CueList, HitPlace
from foley_plugin.takes.names import ascii_text
from foley_plugin.timeline.timecode import timecode_of_frames

COLUMNS = ("Timecode", "Frame", "Seconds", "Name", "Cue", "Label", "Family", "Clip", "Strength", "Note")


def edl_markers(cues: CueList) -> bytes:
    """One event a hit, a frame long. Resolve keeps one marker a frame, so of two hits in one the first is told."""
    cut = cues.cut
    title = " ".join(ascii_text(cues.title).split())
    head = [f"TITLE: {title}", f"FCM: {'DROP FRAME' if cut.drop_frame else 'NON-DROP FRAME'}", ""]
    events: list[str] = []
    told: set[int] = set()
    for name, line, hit in _named_hits(cues):
        if hit.frame not in told:
            told.add(hit.frame)
            events += _event(len(told), name, line, hit, cues)
    return "\r\n".join([*head, *events, ""]).encode("utf-8")


def csv_markers(cues: CueList) -> bytes:
    return csv_bytes(
        COLUMNS,
        (
            (
                hit.timecode,
                hit.frame,
                f"{hit.time_s:.3f}",
                name,
                line.number,
                line.label,
                line.family.name,
                line.clip,
                f"{hit.strength:.2f}",
                line.note,
            )
            for name, line, hit in _named_hits(cues)
        ),
    )


def _named_hits(cues: CueList) -> Iterator[tuple[str, CueLine, HitPlace]]:
    """Every hit in the order of the timeline; "hammer 3.2" is the second of cue 3."""
    named = [
        (f"{line.label} {line.number}.{number}", line, hit)
        for line in cues.lines
        for number, hit in enumerate(line.hits, start=1)
    ]
    yield from sorted(named, key=lambda each: (each[2].frame, each[1].number))


def _event(number: int, name: str, line: CueLine, hit: HitPlace, cues: CueList) -> list[str]:
    after = timecode_of_frames(hit.frame + 1, fraction(cues.cut.rate), drop_frame=cues.cut.drop_frame)
    span = f"{hit.timecode} {after}"
    colour = f"ResolveColor{colour_of(line.family).marker}"
    marker = f"{_in_marker(line.note)} |C:{colour} |M:{_in_marker(name)} |D:1"
    return [f"{number:03d}  001      V     C        {span} {span}  ", marker, ""]


def _in_marker(text: str) -> str:
    """On one line, and without the sign that parts a marker's fields."""
    return " ".join(text.replace("|", "/").split())
