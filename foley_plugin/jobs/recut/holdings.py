"""The takes that a project holds, as recordings to match a cut with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import msgspec

from engine.protocol import Generate, fraction
from foley_plugin.jobs.recut.records import Recording
from foley_plugin.takes.cue_sources import CuePlace, CueSource
from foley_plugin.takes.records import Cue, StoredJob, StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.media_identity import path_identity
from foley_plugin.timeline.placement import SAMPLE_RATE, key_of
from foley_plugin.timeline.ranges import pieces_of_spans


@dataclass(frozen=True)
class MadeJob:
    """A job with the takes of it that are on the disk, in the order of their seeds."""

    job: StoredJob
    request: Generate
    takes: tuple[StoredTake, ...]


@dataclass(frozen=True)
class Holding:
    """A take that is meant for a cue, at one of the cue's places.

    Attributes:
        take: None where the cue was taken off the timeline.
        place: None where no cut is remembered that shows it.
        is_past: the newest cut before did not show it any more.
    """

    cue: Cue
    made: MadeJob
    take: StoredTake | None
    place: CuePlace | None
    is_past: bool
    recording: Recording


def holdings_of(
    store: Store, media: Iterable[str], chosen: Mapping[int, int | None] | None = None
) -> list[Holding]:
    """All that can be placed, numbered in order.

    Args:
        media: identities of the media in the new cut; a cue of an earlier version's project proves by its key
            which of them is its own.
        chosen: the take that somebody chose, by cue; None for a cue that is to be silent.
    """
    sources, places = store.cue_sources.sources(), store.cue_sources.latest_places()
    slips, identities = store.take_slips.all(), tuple(dict.fromkeys(media))
    made = _made_jobs(store)
    found: list[Holding] = []
    for cue in store.cues():
        jobs = made.get(cue.id)
        source = sources.get(cue.id)
        if not jobs or source is None or not source.spans:
            continue
        known = _media_of(cue, source, identities)
        for job, place, is_past, is_older in _meant(jobs, places.get(cue.id), (chosen or {}).get(cue.id)):
            take = _take(job, (chosen or {}).get(cue.id, 0))
            slip = Fraction(slips.get((take or job.takes[0]).id, 0), SAMPLE_RATE)
            recording = _recording(len(found), source, job, place, slip, known)
            found.append(Holding(cue, job, take, place, is_past, replace(recording, is_older=is_older)))
    return _without_replaced(found)


def _made_jobs(store: Store) -> dict[int, list[MadeJob]]:
    """By cue, newest first; a take in the trash is never meant, and so is not there."""
    takes: dict[int, list[StoredTake]] = {}
    trashed = store.take_marks.trashed()
    for take in store.takes():
        if take.id not in trashed and store.wav_path(take).exists():
            takes.setdefault(take.job_id, []).append(take)
    made: dict[int, list[MadeJob]] = {}
    for job in reversed(store.jobs()):
        if job.id in takes:
            request = msgspec.json.decode(job.request, type=Generate)
            in_order = tuple(sorted(takes[job.id], key=lambda take: take.seed))
            made.setdefault(job.cue_id, []).append(MadeJob(job, request, in_order))
    return made


def _media_of(cue: Cue, source: CueSource, identities: Sequence[str]) -> frozenset[str]:
    """What the media of a cue are known by: their content, and their path where the file is not there."""
    by_path = path_identity(cue.media)
    if source.media_identity:
        return frozenset({source.media_identity, by_path})
    pieces = pieces_of_spans(source.spans)
    proved = {
        each for each in identities if key_of(each, pieces, label=cue.label, layer=cue.layer) == cue.key
    }
    return frozenset({*proved, by_path})


def _meant(
    jobs: Sequence[MadeJob], places: Sequence[CuePlace] | None, chosen: int | None
) -> Iterator[tuple[MadeJob, CuePlace | None, bool, bool]]:
    """The job for each of a cue's places, then those that have handles where these have none."""
    by_choice = [job for job in jobs if any(take.id == chosen for take in job.takes)]
    used: list[MadeJob] = []
    known: list[CuePlace | None] = [*(places or ())]
    for place in known or [None]:
        by_place = [job for job in jobs if place is not None and job.job.id == place.job_id]
        job = (by_choice or by_place or jobs)[0]
        used.append(job)
        yield job, place, places is not None and not places, False
    longest = (_handles(job) for job in used)
    head, tail = (max(edges) for edges in zip(*longest, strict=True))
    for job in jobs:
        if job not in used and (_handles(job)[0] > head or _handles(job)[1] > tail):
            yield job, None, True, True


def _handles(job: MadeJob) -> tuple[Fraction, Fraction]:
    return fraction(job.request.head), fraction(job.request.tail)


def _take(made: MadeJob, chosen: int | None) -> StoredTake | None:
    if chosen is None:
        return None
    return next((take for take in made.takes if take.id == chosen), made.takes[0])


def _recording(
    number: int,
    source: CueSource,
    made: MadeJob,
    place: CuePlace | None,
    slip: Fraction,
    media: frozenset[str],
) -> Recording:
    head, tail = _handles(made)
    time_map = tuple(pieces_of_spans(source.spans))
    return Recording(
        number=number,
        media=media,
        time_map=time_map,
        covers=(-head + slip, time_map[-1].end + tail + slip),
        record_in=None if place is None else fraction(place.own_in or place.record_in),
        window=None if place is None else _window(place),
        is_picked=place is not None and place.is_picked,
        age=-made.job.id,
        instance=source.instance,
    )


def _window(place: CuePlace) -> tuple[Fraction, Fraction]:
    start = fraction(place.record_in) - fraction(place.own_in or place.record_in)
    return start, start + fraction(place.duration)


def _without_replaced(found: Sequence[Holding]) -> list[Holding]:
    """The same with those marked for whose place another take was made since."""
    standing: dict[tuple[str, str, int, int], list[CuePlace]] = {}
    marked: dict[int, Holding] = {}
    for each in sorted(found, key=lambda each: each.recording.age):
        if each.place is None:
            continue
        seconds = [(each.place.cut_sha256, each.place.track, each.cue.layer, s) for s in _seconds(each.place)]
        if any(_in_one_place(each.place, other) for key in seconds for other in standing.get(key, ())):
            recording = replace(each.recording, is_older=True)
            marked[recording.number] = replace(each, recording=recording)
        else:
            for key in seconds:
                standing.setdefault(key, []).append(each.place)
    return [marked.get(each.recording.number, each) for each in found]


def _seconds(place: CuePlace) -> range:
    """The whole seconds of the timeline that a place touches."""
    record_in = fraction(place.record_in)
    return range(int(record_in), int(record_in + fraction(place.duration)) + 1)


def _in_one_place(one: CuePlace, other: CuePlace) -> bool:
    """Whether most of the shorter lies under the longer; clips overlap a little where they dissolve."""
    low = max(fraction(one.record_in), fraction(other.record_in))
    ends = [fraction(each.record_in) + fraction(each.duration) for each in (one, other)]
    return 2 * (min(ends) - low) > min(fraction(one.duration), fraction(other.duration))
