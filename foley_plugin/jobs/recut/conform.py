"""A changed cut against its project: which takes lie where, and what must be made.

store + cut -> holdings, stretches -> fits -> jobs to place, renewals to generate, lines to report
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import msgspec

from engine.protocol import Hit, fraction, rational
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.laid_plans import plan_of_request
from foley_plugin.jobs.places import place_of
from foley_plugin.jobs.recut.holdings import Holding, holdings_of
from foley_plugin.jobs.recut.matching import fits_with_picked
from foley_plugin.jobs.recut.records import Fit, Need, Part, Shown
from foley_plugin.takes.cue_sources import CuePlace
from foley_plugin.takes.records import JobState, StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.laying import laid_plan
from foley_plugin.timeline.media_identity import media_identity
from foley_plugin.timeline.placement import ceil_frames, pieces_of
from foley_plugin.timeline.ranges import shifted
from foley_plugin.timeline.rates import tidy
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import Selected, select
from foley_plugin.timeline.twins import instance_of


@dataclass(frozen=True)
class Stretch:
    """A part of the new cut and what it gets."""

    selected: Selected
    shown: Shown
    fit: Fit


@dataclass(frozen=True)
class Conformed:
    """A cut, matched with its project. `identities` are those of the cut's media, by path."""

    cut: CutRecord
    holdings: Sequence[Holding]
    stretches: Sequence[Stretch]
    identities: Mapping[str, str]

    @property
    def rate(self) -> Fraction:
        return fraction(self.cut.rate)


def conform_cut(store: Store, cut: CutRecord, *, chosen: Mapping[int, int | None] | None = None) -> Conformed:
    """Match a cut with the takes of a project. Nothing is written.

    Args:
        chosen: the take that somebody chose, by cue id; None for a cue that is to be silent.
    """
    identities = {path: media_identity(path) for path in {clip.media for clip in cut.clips if clip.media}}
    holdings = holdings_of(store, identities.values(), chosen)
    cut_known = _with_offline(cut, holdings, identities)
    seen = _seen(cut_known)
    covered = _covered(cut_known, seen) if any(each.recording.is_picked for each in holdings) else []
    stretches: list[Stretch] = []
    for layer in sorted({0, *(each.cue.layer for each in holdings)}):
        recordings = [each.recording for each in holdings if each.cue.layer == layer]
        fits, shown = fits_with_picked(
            recordings, _shown(seen, cut, identities), _shown(covered, cut, identities), fraction(cut.rate)
        )
        for fit, each in zip(fits, shown, strict=True):
            if layer == 0 or fit.need is not Need.NEW:
                selected = Selected(cut.clips[each.clip], each.record_in, each.record_out)
                stretches.append(Stretch(selected, each, fit))
    in_order = sorted(stretches, key=lambda each: (each.selected.record_in, each.selected.clip.layer))
    return Conformed(cut, holdings, in_order, identities)


def placed_jobs(conformed: Conformed, stretches: Sequence[Stretch]) -> list[Job]:
    """The takes under these stretches, each as the job that made it, laid where it belongs now."""
    begins = {_begin(stretch, part) for stretch in conformed.stretches for part in stretch.fit.parts}
    jobs: list[Job] = []
    for stretch in stretches:
        for part in stretch.fit.parts:
            holding = conformed.holdings[part.recording]
            if holding.take is not None:
                goes_on = _end(stretch, part) in begins or part.end < stretch.shown.duration
                jobs.append(_job(conformed, stretch, part, holding.take, can_ring=not goes_on))
    return jobs


def places_of(conformed: Conformed, renewed: Sequence[Stretch]) -> dict[int, list[CuePlace]]:
    """What the new cut says of every cue; those that are not there, or are made anew, have no place."""
    places: dict[int, list[CuePlace]] = {holding.cue.id: [] for holding in conformed.holdings}
    for stretch in conformed.stretches:
        if any(stretch is each for each in renewed):
            continue
        fit, shown = stretch.fit, stretch.shown
        owned = [] if fit.owner is None else [Part(fit.owner, Fraction(0), Fraction(0), shown.duration)]
        for part in fit.parts or owned:
            holding = conformed.holdings[part.recording]
            record_in = shown.record_in + part.start
            selected = Selected(stretch.selected.clip, record_in, shown.record_in + part.end)
            is_picked = holding.place is not None and holding.place.is_picked
            place = place_of(selected, holding.made.job.id, is_picked)
            own_in = rational(tidy(shown.record_in - part.shift))
            places[holding.cue.id].append(msgspec.structs.replace(place, own_in=own_in))
    return places


def _job(conformed: Conformed, stretch: Stretch, part: Part, take: StoredTake, *, can_ring: bool) -> Job:
    holding, rate = conformed.holdings[part.recording], conformed.rate
    request, shown = holding.made.request, stretch.shown
    selected = Selected(stretch.selected.clip, shown.record_in + part.start, shown.record_in + part.end)
    wav_start = shown.record_in - part.shift - fraction(request.head)
    plan = laid_plan(plan_of_request(request), selected, wav_start, rate)
    limit = ceil_frames(fraction(request.tail) * rate) if can_ring else 0
    others = [each for each in holding.made.takes if each.id != take.id]
    by_s = part.shift + part.start
    return Job(
        id=holding.made.job.id,
        cue=holding.cue,
        selected=selected,
        plan=replace(plan, ring_limit_frames=limit),
        request=request,
        state=JobState.FINISHED,
        takes=[_rebased(each, by_s) for each in (take, *others)],
    )


def _rebased(take: StoredTake, by_s: Fraction) -> StoredTake:
    """The take with its hits counted from where it begins to be heard now."""
    hits = [Hit(hit.time_s - float(by_s), hit.strength) for hit in take.hits] if by_s else take.hits
    return msgspec.structs.replace(take, hits=hits)


def _begin(stretch: Stretch, part: Part) -> tuple[int, Fraction, Fraction]:
    at = stretch.shown.record_in
    return part.recording, at - part.shift, at + part.start


def _end(stretch: Stretch, part: Part) -> tuple[int, Fraction, Fraction]:
    at = stretch.shown.record_in
    return part.recording, at - part.shift, at + part.end


def _with_offline(cut: CutRecord, holdings: Sequence[Holding], identities: Mapping[str, str]) -> CutRecord:
    """The cut with the clips taken in whose media are away, but whose sounds are here."""
    known = {media for each in holdings for media in each.recording.media}

    def taken_in(clip: ClipRecord) -> ClipRecord:
        identity = identities.get(clip.media or "", "")
        is_away = identity.startswith("path:") and identity in known and clip.enabled and clip.kind == "clip"
        return msgspec.structs.replace(clip, eligible=True) if is_away and clip.spans else clip

    return msgspec.structs.replace(cut, clips=[taken_in(clip) for clip in cut.clips])


def _seen(cut: CutRecord) -> list[Selected]:
    try:
        return select(cut)
    except SelectionError:
        return []


def _covered(cut: CutRecord, seen: Sequence[Selected]) -> list[Selected]:
    """Eligible clips that are not seen whole."""
    whole = {(each.clip.track, each.clip.index, each.record_in, each.record_out) for each in seen}
    clips = (
        Selected(clip, fraction(clip.record_in), fraction(clip.record_out))
        for clip in cut.clips
        if clip.eligible
    )
    return [
        each
        for each in clips
        if (each.clip.track, each.clip.index, each.record_in, each.record_out) not in whole
    ]


def _shown(parts: Sequence[Selected], cut: CutRecord, identities: Mapping[str, str]) -> list[Shown]:
    numbers = {(clip.track, clip.index): number for number, clip in enumerate(cut.clips)}
    return list(_stretches(parts, numbers, identities))


def _stretches(
    parts: Sequence[Selected], numbers: Mapping[tuple[str, int], int], identities: Mapping[str, str]
) -> Iterator[Shown]:
    for number, part in enumerate(parts):
        pieces = shifted(pieces_of(part), -part.record_in)
        if pieces:
            clip = numbers[part.clip.track, part.clip.index]
            media = identities[part.clip.media or ""]
            yield Shown(number, media, tuple(pieces), part.record_in, clip, instance_of(part.clip))
