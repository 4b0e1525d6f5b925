"""Matching a changed cut with the takes that a project holds: by media and time map, never by name.

    recordings + what is shown now -> for each stretch: takes under it, or why one must be generated

Pure. Nothing that the sounds at hand can fill, handles included, is generated again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from foley_plugin.jobs.recut.covering import Option, chain_of, option_of
from foley_plugin.jobs.recut.index import RecordingIndex
from foley_plugin.jobs.recut.pairing import Candidate, paired
from foley_plugin.jobs.recut.records import Fit, Need, Recording, Shown
from foley_plugin.jobs.recut.stale import claims_of
from foley_plugin.timeline.agreement import agreement

ZERO = Fraction(0)


def fits_of(recordings: Sequence[Recording], shown: Sequence[Shown], rate: Fraction) -> list[Fit]:
    """What every stretch of the new cut gets, in the order given.

    Args:
        recordings: all takes of one layer that are meant for some place of an earlier cut.
        rate: frames a second of the new cut; maps that lie within half a frame of each other are the same.
    """
    options = _options(recordings, shown, rate)
    slack = 1 / rate / 2
    fits: dict[int, Fit] = {}
    whole = {each.number: _candidates(each, options[each.number], slack) for each in shown}
    joined = {each.number: _joined(each, options[each.number], whole[each.number], rate) for each in shown}
    single = [each for each in shown if joined[each.number] is None]
    for number, candidate in paired(single, whole).items():
        option = next(o for o in options[number] if o.recording.number == candidate.recording)
        part = option.part(ZERO, shown[number].duration)
        fits[number] = Fit(number, (part,), candidate.recording, is_whole=candidate.is_whole)
    fits |= {number: fit for number, fit in joined.items() if fit is not None}
    rest = [each for each in shown if each.number not in fits]
    fits |= _extended(rest, options, _owners(fits), rate)
    rest = [each for each in rest if each.number not in fits]
    fits |= {each.number: Fit(each.number, need=Need.NEW, missing=each.duration) for each in rest}
    fits |= claims_of(rest, recordings, fits, shown, rate)
    return [fits[each.number] for each in shown]


def _options(
    recordings: Sequence[Recording], shown: Sequence[Shown], rate: Fraction
) -> dict[int, list[Option]]:
    index = RecordingIndex(recordings, 2 / rate)
    found: dict[int, list[Option]] = {}
    known: dict[tuple[object, ...], Option | None] = {}
    for each in shown:
        found[each.number] = []
        for recording in index.near(each):
            same = (recording.number, each.time_map)
            if same not in known:
                agreed = agreement(
                    recording.time_map, each.time_map, covers=recording.covers, tolerance=1 / rate / 2
                )
                known[same] = None if agreed is None else option_of(recording, agreed)
            option = known[same]
            if option is not None and not recording.is_of_other_instance(each):
                found[each.number].append(option)
    return found


def _candidates(shown: Shown, options: Sequence[Option], slack: Fraction) -> list[Candidate]:
    """The recordings that fill a stretch alone; those that another take has replaced only if no other does."""
    filling = [option for option in options if option.fills(shown.duration, slack)]
    newest = [option for option in filling if not option.recording.is_older] or filling
    return [
        Candidate(
            recording=option.recording.number,
            place=None if option.recording.record_in is None else option.recording.record_in + option.shift,
            is_whole=option.recording.is_shown_whole(option.shift, shown.duration, slack),
            rank=(option.own_s == 0, shown.duration - option.own_s),
            age=option.recording.age,
            is_same_instance=option.recording.is_of_same_instance(shown),
        )
        for option in newest
    ]


def _joined(
    shown: Shown, options: Sequence[Option], whole: Sequence[Candidate], rate: Fraction
) -> Fit | None:
    """Several takes that fill a stretch together, where no single one does or they are truer to their cues."""
    if len(options) < 2 or any(candidate.is_whole or not candidate.rank[1] for candidate in whole):
        return None
    newest = [option for option in options if not option.recording.is_older]
    for choices in (newest, options):
        chain = chain_of(shown, choices, rate) if choices else []
        if len(chain) > 1 and _missing(shown, chain) <= 1 / rate / 2:
            parts = tuple(option.part(start, end) for option, start, end in chain)
            owner = max(chain, key=lambda link: link[2] - link[1])[0].recording.number
            return Fit(shown.number, parts, owner)
        if whole:
            return None
    return None


def _missing(shown: Shown, chain: Sequence[tuple[Option, Fraction, Fraction]]) -> Fraction:
    return shown.duration - sum((end - start for _, start, end in chain), ZERO)


def _extended(
    rest: Sequence[Shown], options: dict[int, list[Option]], used: set[int], rate: Fraction
) -> dict[int, Fit]:
    """Stretches that show some of a cue's own picture, and more than there is sound for."""
    fits: dict[int, Fit] = {}
    for each in rest:
        own = [option for option in options[each.number] if option.own_s > 0]
        if not own:
            continue
        own = [option for option in own if not option.recording.is_older] or own
        chain = chain_of(each, own, rate)
        owner = max(own, key=lambda o: (o.recording.number not in used, o.own_s, -o.recording.age)).recording
        used = used | {owner.number}
        parts = tuple(option.part(start, end) for option, start, end in chain)
        fits[each.number] = Fit(each.number, parts, owner.number, Need.EXTENDED, _missing(each, chain))
    return fits


def _owners(fits: dict[int, Fit]) -> set[int]:
    return {part.recording for fit in fits.values() for part in fit.parts}


def fits_with_picked(
    recordings: Sequence[Recording], seen: Sequence[Shown], covered: Sequence[Shown], rate: Fraction
) -> tuple[list[Fit], list[Shown]]:
    """The fits of a cut in which somebody picked clips that others cover.

    A picked clip that is still there is filled whole, and what is seen of it is left out.

    Args:
        covered: whole clips that are seen in part or not at all.

    Returns:
        The fits, and the stretches that their numbers count.
    """
    picked = [each for each in recordings if each.is_picked]
    kept: dict[int, Fit] = {}
    if picked and covered:
        numbered = [replace(each, number=number) for number, each in enumerate(covered)]
        kept = {fit.shown: fit for fit in fits_of(picked, numbered, rate) if fit.need is None}
    clips = {covered[number].clip for number in kept}
    used = {part.recording for fit in kept.values() for part in fit.parts}
    stretches = [each for each in seen if each.clip not in clips]
    numbered = [replace(each, number=number) for number, each in enumerate(stretches)]
    fits = fits_of([each for each in recordings if each.number not in used], numbered, rate)
    for number, fit in kept.items():
        numbered.append(replace(covered[number], number=len(numbered)))
        fits.append(replace(fit, shown=numbered[-1].number))
    return fits, numbered
