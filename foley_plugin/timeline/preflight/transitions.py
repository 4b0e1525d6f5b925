"""Transitions of a cut that a format which is written anew loses, shortens or changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foley_plugin.nle.target import Imports, Trait
from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.out.dissolves import LaidCrossing
from foley_plugin.timeline.out.laying import laid_tracks
from foley_plugin.timeline.out.media_files import MediaFiles
from foley_plugin.timeline.out.seats import NESTS, Seat, kind_of
from foley_plugin.timeline.preflight.findings import Finding, Severity
from foley_plugin.timeline.surgery import is_foley_track

DISSOLVE = "SMPTE_Dissolve"
PUT_BACK = "Put it back after the import."


def transition_findings(
    timeline: Json, seats: Sequence[Seat], imports: Imports, files: MediaFiles
) -> Iterator[Finding]:
    """What is lost, by how the tracks are really laid out; no transition is passed over."""
    met: set[int] = set()
    tracks = laid_tracks(timeline, seats, files)
    lowest = next((laid for laid in tracks if laid.track.kind == "video"), None)
    for laid in tracks:
        for crossing in laid.crossings:
            met.add(id(crossing.node))
            lost = _lost(crossing, laid.track.kind, laid is lowest, imports.loses)
            if lost:
                yield _finding(crossing, lost)
    for node, label in _transitions(timeline):
        if id(node) not in met:
            what = f"The transition “{_shown(node)}” on {label} becomes a cut."
            yield Finding(Severity.WARNING, label, what, PUT_BACK)


def _lost(crossing: LaidCrossing, kind: str, is_lowest: bool, loses: dict[Trait, str]) -> str:
    """The end of a sentence; empty where nothing is lost, or all of it with its clips."""
    if crossing.dissolve is None and not crossing.told:
        return ""
    if Trait.DISSOLVE in loses:
        return loses[Trait.DISSOLVE]
    if kind == "audio":
        return loses.get(Trait.SOUND_TRANSITION) or crossing.told
    if not is_lowest and Trait.UPPER_TRANSITION in loses:
        return loses[Trait.UPPER_TRANSITION]
    is_dissolve = crossing.node.get("transition_type") == DISSOLVE
    return crossing.told or ("" if is_dissolve else loses.get(Trait.OTHER_TRANSITION, ""))


def _finding(crossing: LaidCrossing, lost: str) -> Finding:
    seat = crossing.seat
    label = " ".join(part for part in (seat.place, seat.name) if part)
    way = "into" if crossing.is_into else "out of"
    beside = f"{way} “{seat.name}” ({seat.place})" if seat.name else f"{way} {seat.place}"
    what = f"The transition “{_shown(crossing.node)}” {beside} {lost}."
    return Finding(Severity.WARNING, label, what, PUT_BACK)


def _shown(transition: Json) -> str:
    return str(transition.get("name") or transition.get("transition_type") or "without a name")


def _transitions(timeline: Json) -> Iterator[tuple[Json, str]]:
    """Every transition on the tracks that are laid out, with the short name of its top-level track."""
    numbers = {"video": 0, "audio": 0}
    for track in timeline["tracks"].get("children", []):
        kind = kind_of(track)
        if kind in numbers and not is_foley_track(track):
            numbers[kind] += 1
            label = f"{kind[0].upper()}{numbers[kind]}"
            yield from ((node, label) for node in _within(track, kind))


def _within(item: Json, kind: str) -> Iterator[Json]:
    if schema_name(item) == "Transition":
        yield item
    for child in item.get("children", []) if schema_name(item) in NESTS else ():
        is_other = schema_name(child) == "Track" and kind_of(child) != kind
        if not (is_other and schema_name(item) == "Stack"):
            yield from _within(child, kind)
