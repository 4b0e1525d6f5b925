"""The preflight: everything that an import would refuse, lose or change, named before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from foley_plugin.nle.target import Imports, NleTarget, Trait
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.out.media_files import MediaFiles
from foley_plugin.timeline.out.seats import NESTS, Seat, check_lengths, seats_of
from foley_plugin.timeline.preflight.findings import Finding, Mend, Severity
from foley_plugin.timeline.preflight.own_clips import finding, findings_of
from foley_plugin.timeline.preflight.takes import take_findings
from foley_plugin.timeline.preflight.transitions import PUT_BACK, transition_findings
from foley_plugin.timeline.records import Placement
from foley_plugin.timeline.surgery import is_foley_track
from foley_plugin.timeline.timeline_rate import timeline_rate

ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def preflight(
    timeline: Json,
    folder: str,
    placements: Sequence[Placement],
    target: NleTarget,
    files: MediaFiles,
    base: str | None,
) -> list[Finding]:
    """Check a cut and its takes against what a target's import is known to do; errors first.

    Args:
        folder: the timeline's own, which relative media paths count from.
        base: what they count from in the written file, None where its folder is not chosen yet.

    Raises:
        BadTime: a time that is none.
    """
    imports, rate = target.imports, timeline_rate(timeline).exact
    seats = seats_of(timeline, folder, files.whole_of)
    if target.write is not None:
        check_lengths(seats)
    found: list[Finding] = []
    for number, placement in enumerate(placements):
        found += take_findings(number, placement, imports, rate)
    for seat in seats:
        found += findings_of(seat, imports, files, 1 / rate, base)
    found += _links(seats, imports)
    found += _nests(timeline, imports)
    found += _loose_markers(timeline, imports)
    if target.write is not None:
        found += transition_findings(timeline, seats, imports, files)
    found += _numbers(timeline, imports)
    if target.caveat:
        found.append(Finding(Severity.NOTE, "", target.caveat, "Check the first import by eye and ear."))
    return sorted(found, key=lambda each: ORDER[each.severity])


def _links(seats: Sequence[Seat], imports: Imports) -> Iterator[Finding]:
    """A link group of which one clip is left, as after a clip was taken out."""
    if not imports.partial_links:
        return
    groups: dict[int, list[Seat]] = {}
    for seat in seats:
        resolve = (seat.node.get("metadata") or {}).get("Resolve_OTIO")
        number = resolve.get("Link Group ID") if isinstance(resolve, dict) else None
        if isinstance(number, (int, float)):
            groups.setdefault(int(number), []).append(seat)
    for number, members in groups.items():
        if len(members) == 1:
            what = f"is the only clip of link group {number}"
            remedy = "Take it out of the group, or put the clip that it was linked to back."
            yield finding(members[0], Severity.WARNING, what, remedy, Mend.UNLINK)


def _nests(timeline: Json, imports: Imports) -> Iterator[Finding]:
    """Nests, which a format may not carry."""
    for node, label in _items(timeline):
        if schema_name(node) in NESTS and Trait.NEST in imports.loses:
            what = (
                f"The nest “{node.get('name') or 'without a name'}” on {label} {imports.loses[Trait.NEST]}."
            )
            remedy = "Keep your own compound clip, and bring in only the foley tracks."
            yield Finding(Severity.WARNING, label, what, remedy)


def _loose_markers(timeline: Json, imports: Imports) -> Iterator[Finding]:
    """Markers on what is no clip: the timeline, its tracks, and the gaps and nests on them."""
    if timeline["tracks"].get("markers") and Trait.MARKER in imports.loses:
        yield Finding(Severity.WARNING, "", f"The timeline {imports.loses[Trait.MARKER]}.", PUT_BACK)
    if Trait.LOOSE_MARKER not in imports.loses:
        return
    lost = imports.loses[Trait.LOOSE_MARKER]
    for track, label in _tracks(timeline):
        if schema_name(track) == "Track" and track.get("markers"):
            yield Finding(Severity.WARNING, label, f"The track {label} {lost}.", PUT_BACK)
    for node, label in _items(timeline):
        if schema_name(node) != "Clip" and node.get("markers"):
            shown = "nest" if schema_name(node) in NESTS else "gap"
            what = f"The {shown} “{node.get('name') or 'without a name'}” on {label} {lost}."
            yield Finding(Severity.WARNING, label, what, PUT_BACK)


def _items(timeline: Json) -> Iterator[tuple[Json, str]]:
    """Everything on the top-level tracks of the cut's own, with the track's short name."""
    for track, label in _tracks(timeline):
        is_track = schema_name(track) == "Track"
        yield from ((node, label) for node in (track.get("children", []) if is_track else [track]))


def _tracks(timeline: Json) -> Iterator[tuple[Json, str]]:
    """The cut's own top-level tracks, with their short names."""
    numbers: dict[str, int] = {}
    for track in timeline["tracks"].get("children", []):
        if is_foley_track(track):
            continue
        kind = str(track.get("kind") or "video").lower()
        numbers[kind] = numbers.get(kind, 0) + 1
        yield track, f"{kind[:1].upper()}{numbers[kind]}"


def _numbers(timeline: Json, imports: Imports) -> Iterator[Finding]:
    if imports.decimal_points and any(has_whole_number(time) for time in times_in(timeline)):
        yield Finding(
            Severity.ERROR,
            "",
            "The timeline has times written without a decimal point, which the import does not read.",
            "Write them as 24.0.",
            Mend.DECIMAL_POINTS,
        )


def times_in(root: Any) -> Iterator[Json]:
    """Every RationalTime of a parsed timeline."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if schema_name(node) == "RationalTime":
                yield node
            pending += [each for each in node.values() if isinstance(each, (dict, list))]
        else:
            pending += [each for each in node if isinstance(each, (dict, list))]


def has_whole_number(time: Json) -> bool:
    return any(isinstance(time.get(key), int) for key in ("rate", "value"))
