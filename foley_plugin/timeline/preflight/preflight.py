"""The preflight: everything that an import would refuse, lose or change, named before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from foley_plugin.nle.target import Imports, NleTarget, Trait
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.out.media_files import MediaFiles
from foley_plugin.timeline.out.seats import Seat, seats_of
from foley_plugin.timeline.preflight.findings import Finding, Mend, Severity
from foley_plugin.timeline.preflight.own_clips import finding, findings_of
from foley_plugin.timeline.preflight.takes import take_findings
from foley_plugin.timeline.records import Placement
from foley_plugin.timeline.surgery import is_foley_track
from foley_plugin.timeline.timeline_rate import timeline_rate

DISSOLVE = "SMPTE_Dissolve"
ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def preflight(
    timeline: Json, folder: str, placements: Sequence[Placement], target: NleTarget, files: MediaFiles
) -> list[Finding]:
    """Check a cut and its takes against what a target's import is known to do; errors first.

    Args:
        folder: the timeline's own, which relative media paths count from.

    Raises:
        BadTime: a time that is none.
    """
    imports, rate = target.imports, timeline_rate(timeline).exact
    seats = seats_of(timeline, folder)
    found: list[Finding] = []
    for number, placement in enumerate(placements):
        found += take_findings(number, placement, imports, rate)
    for seat in seats:
        found += findings_of(seat, imports, files, 1 / rate)
    found += _links(seats, imports)
    found += _compositions(timeline, imports)
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


def _compositions(timeline: Json, imports: Imports) -> Iterator[Finding]:
    """Nests and transitions, which a format may not carry."""
    for node, label in _items(timeline):
        kind = schema_name(node)
        if kind in ("Stack", "Track") and Trait.NEST in imports.loses:
            what = (
                f"The nest “{node.get('name') or 'without a name'}” on {label} {imports.loses[Trait.NEST]}."
            )
            remedy = "Keep your own compound clip, and bring in only the foley tracks."
            yield Finding(Severity.WARNING, label, what, remedy)
        elif kind == "Transition":
            is_dissolve = node.get("transition_type") == DISSOLVE
            trait = Trait.DISSOLVE if is_dissolve else Trait.OTHER_TRANSITION
            if trait in imports.loses:
                shown = node.get("name") or node.get("transition_type") or "without a name"
                what = f"The transition “{shown}” on {label} {imports.loses[trait]}."
                yield Finding(Severity.WARNING, label, what, "Put it back after the import.")


def _items(timeline: Json) -> Iterator[tuple[Json, str]]:
    """Everything on the top-level tracks of the cut's own, with the track's short name."""
    numbers: dict[str, int] = {}
    for track in timeline["tracks"].get("children", []):
        if is_foley_track(track):
            continue
        kind = str(track.get("kind") or "video").lower()
        numbers[kind] = numbers.get(kind, 0) + 1
        label = f"{kind[:1].upper()}{numbers[kind]}"
        is_track = schema_name(track) == "Track"
        yield from ((node, label) for node in (track.get("children", []) if is_track else [track]))


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
