"""Making a take from a take: a part of it anew, more at its ends, or all of it varied. No Qt.

    stored take + where it lies now --> Original --> Job: the same clip, a take of its own

What is kept lies in the new take where it lies on the timeline now, slips and trims included; the stored take and all
others are never touched. Each function reserves a WAV and writes a job down, ready for `jobs.queue.JobQueue.add`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from engine.protocol import RHYTHM_AND_BODY, Cast, Hit, Original, Rational, Tokens, fraction, rational
from foley_plugin.jobs.casts import excerpt_of, hits_of_tokens
from foley_plugin.jobs.drawn_curves import joined_curve, moved
from foley_plugin.jobs.errors import CannotRedo, CastRefused
from foley_plugin.jobs.generate import CURVE_RATE, DEFAULT_HANDLE, Wish, curve_points, make_job
from foley_plugin.jobs.hand_hits import (
    ClipHits,
    clip_hits_of,
    follows_hand,
    is_made_for,
    joined_hits,
    wish_with,
)
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.slips import heard_hits
from foley_plugin.takes.records import Cue, StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.laying import wav_start_of
from foley_plugin.timeline.placement import SAMPLE_RATE, CuePlan, cue_key, plan_cue
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected, whole_clip

SHORTEST_S = Fraction(1, 50)
"""A codec's frame: less than that is no sound of its own."""

KEPT_OF_VARIATION = RHYTHM_AND_BODY
"""Codebooks, unless told otherwise."""

ALONE_S = Fraction(1)
"""What is drawn so near to the beginning has little before it to go on from: it goes on from a part of the take."""


def redo_part(
    store: Store,
    cut: CutRecord,
    job: Job,
    take: StoredTake,
    from_s: Fraction | float,
    to_s: Fraction | float,
    *,
    hits: Sequence[Hit] | None = None,
    kept_codebooks: int = 0,
    takes: int = 1,
    seed: int | None = None,
) -> Job:
    """A job for the same take with a part of it drawn anew.

    Args:
        job: whose take it is, where it lies in this cut.
        from_s, to_s: the part, seconds from the timeline's start; handles may be redone too.
        hits: what the new part follows, seconds from the clip's start; None takes those that the take has or, where
            others have been set by hand since, those. The curve likewise. Outside the part the take's own stay.
        kept_codebooks: coarsest first; more of them leave less to be new.

    Raises:
        CannotRedo: the take has no tokens, or the part is none of it.
        ProjectError: the project cannot be written.
        SelectionError: the clip cannot be planned any more.
    """
    part = (_on_sample(from_s), _on_sample(to_s))
    wish = _as_set(
        Wish(hits=None if hits is None else list(hits), takes=takes, seed=seed), store, cut, job, take
    )
    own = _as_made(msgspec.structs.replace(wish, hits=None, curve=None), store, cut, job, take)
    joined = _joined(own, wish, store, cut, job, part)
    made = _job(store, cut, job, take, job.selected, (part,), joined, kept_codebooks)
    made.hits_by_hand = wish.hits is not None or follows_hand(store, job)
    return made


def vary(
    store: Store,
    cut: CutRecord,
    job: Job,
    take: StoredTake,
    *,
    kept_codebooks: int = KEPT_OF_VARIATION,
    hits: Sequence[Hit] | None = None,
    takes: int = 1,
    seed: int | None = None,
) -> Job:
    """A job for takes that keep a take's rhythm and body, and have a detail of their own.

    Arguments and errors are those of `redo_part`, but that hits are the take's own unless given: its rhythm stays.
    """
    start = _picture_start(cut, job.selected)
    whole = (start, start + plan_cue(cut, job.selected, handle_s=DEFAULT_HANDLE).picture.duration)
    wish = Wish(hits=None if hits is None else list(hits), takes=takes, seed=seed)
    wish = _as_made(wish, store, cut, job, take)
    made = _job(store, cut, job, take, job.selected, (whole,), wish, kept_codebooks)
    made.hits_by_hand = hits is not None or follows_hand(store, job)
    return made


def extend(
    store: Store,
    cut: CutRecord,
    job: Job,
    take: StoredTake,
    selected: Selected,
    *,
    hits: Sequence[Hit] | None = None,
    takes: int = 1,
    seed: int | None = None,
) -> Job:
    """A job for a clip that has become longer: the take stays where it lies, and what it lacks is drawn to it.

    Args:
        selected: the clip as it is now, in the same cut as `job`.
        hits: seconds from the clip's start; None takes those that were set by hand, for the clip or else for the
            take, and asks the spotter where none were.

    Raises:
        CannotRedo: the take has no tokens, or covers the clip already.
    """
    wish = _as_set(
        Wish(hits=None if hits is None else list(hits), takes=takes, seed=seed), store, cut, job, take
    )
    if wish.hits is None and follows_hand(store, job):
        wish = _as_made(wish, store, cut, job, take)
    made = _job(store, cut, job, take, selected, (), wish, 0)
    made.hits_by_hand = wish.hits is not None
    return made


def lies_at(store: Store, cut: CutRecord, job: Job, take: StoredTake) -> tuple[Fraction, Fraction]:
    """From where to where a take's sound reaches, handles included; seconds from the timeline's start."""
    slip = Fraction(store.take_slips.of(take.id), SAMPLE_RATE)
    start = wav_start_of(job.plan, fraction(cut.rate)) + slip
    return start, start + Fraction(job.request.num_samples, SAMPLE_RATE)


def _job(
    store: Store,
    cut: CutRecord,
    job: Job,
    take: StoredTake,
    selected: Selected,
    parts: Sequence[tuple[Fraction, Fraction]],
    wish: Wish,
    kept_codebooks: int,
) -> Job:
    plan = plan_cue(cut, selected, handle_s=DEFAULT_HANDLE)
    picture_start = wav_start_of(plan, fraction(cut.rate))
    reach = tuple(edge - picture_start for edge in lies_at(store, cut, job, take))
    redo = [_within(take, part, picture_start, plan) for part in parts]
    drawn = [*redo, *_uncovered(reach, plan)]
    if not drawn:
        raise CannotRedo(
            f"{Path(take.wav).name} covers the clip already, its handles included; choose a part to redo, or vary it."
        )
    tokens = _tokens(store, take)
    original = Original(
        wav=str(store.wav_path(take)),
        tokens=tokens,
        start=rational(reach[0]),
        redo=[(rational(start), rational(end)) for start, end in redo],
        kept_codebooks=kept_codebooks,
        tokens_start=tokens_start_of(take),
    )
    wish = _asked_again(wish, job, take, original)
    if wish.cast is None and not kept_codebooks and any(start < ALONE_S for start, _ in drawn):
        wish = msgspec.structs.replace(wish, cast=_itself(tokens, take))
    return make_job(store, cut, selected, wish, cue=_cue(store, job.cue, selected))


def _asked_again(wish: Wish, job: Job, take: StoredTake, original: Original) -> Wish:
    """The wish with what was asked for the take, under the label that it has."""
    asked = job.request
    return msgspec.structs.replace(
        wish,
        label=take.label,
        negative_label=asked.negative_label,
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
        layer=job.cue.layer,
        cast=asked.cast,
        original=original,
        sampling=asked.sampling,
    )


def tokens_start_of(take: StoredTake) -> Rational:
    """Where the first frame of a take's tokens lies, seconds from its WAV's first sample."""
    said = take.recipe.get("tokens_start")
    if isinstance(said, Sequence) and len(said) == 2 and said[1]:
        return int(said[0]), int(said[1])
    return 0, 1


def _cue(store: Store, cue: Cue, selected: Selected) -> Cue:
    """The take's own cue or, where the clip shows another part of its media by now, the one of what it shows."""
    media = selected.clip.media
    assert media is not None, "only eligible clips are selected"
    key = cue_key(selected, label=cue.label, layer=cue.layer)
    return store.add_cue(key, media=media, label=cue.label, layer=cue.layer)


def _tokens(store: Store, take: StoredTake) -> Tokens:
    tokens = store.cast_book.tokens(take.id)
    name = Path(take.wav).name
    if tokens is None:
        raise CannotRedo(
            f"The take {name} was made by an earlier version, which kept no tokens; generate it anew first."
        )
    if not store.wav_path(take).exists():
        raise CannotRedo(f"The WAV of the take {name} is not there; bring it back, or generate it anew.")
    return tokens


def _within(
    take: StoredTake, part: tuple[Fraction, Fraction], picture_start: Fraction, plan: CuePlan
) -> tuple[Fraction, Fraction]:
    """The part, from the picture's start, as far as there is picture."""
    length = Fraction(plan.num_samples, SAMPLE_RATE)
    start = max(Fraction(0), part[0] - picture_start)
    end = min(length, part[1] - picture_start)
    if end - start < SHORTEST_S:
        raise CannotRedo(
            f"No part of {Path(take.wav).name} lies there; choose at least 20 ms within the clip and its handles."
        )
    return start, end


def _uncovered(reach: Sequence[Fraction], plan: CuePlan) -> list[tuple[Fraction, Fraction]]:
    """Of the plan's picture, what the take does not reach."""
    length = Fraction(plan.num_samples, SAMPLE_RATE)
    start, end = reach
    both = ((Fraction(0), min(start, length)), (max(end, Fraction(0)), length))
    return [(low, high) for low, high in both if high - low >= Fraction(1, 2 * SAMPLE_RATE)]


def _as_set(wish: Wish, store: Store, cut: CutRecord, job: Job, take: StoredTake) -> Wish:
    """The wish with what has been set by hand for the job's clip since the take was made.

    Takes of the first layer alone follow that; so it is when they are generated.
    """
    hits = _kept_hits(store, job)
    if job.cue.layer != 0 or is_made_for(hits, job, _as_laid(job, take), cut):
        return wish
    return wish_with(wish, hits.by_hand)


def _kept_hits(store: Store, job: Job) -> ClipHits:
    """What was found and set over the whole of the job's clip."""
    clip = job.selected.clip
    keys = (cue_key(whole_clip(clip), label=label, layer=0) for label in (None, job.cue.label))
    kept = (cue.spotting for cue in map(store.cue, keys) if cue is not None)
    spotting = next((each for each in kept if each is not None), None)
    return ClipHits() if spotting is None else clip_hits_of(spotting)


def _joined(
    own: Wish, given: Wish, store: Store, cut: CutRecord, job: Job, part: tuple[Fraction, Fraction]
) -> Wish:
    """A take's own hits and curve, and within a part the given ones.

    A take that was made without a curve has the one that was found, as far as it is known.
    """
    clip_in, picture_start = fraction(job.selected.clip.record_in), _picture_start(cut, _whole(job))
    hits, curve = own.hits, own.curve
    if given.hits is not None:
        hits = joined_hits(hits or [], given.hits, part[0] - clip_in, part[1] - clip_in)
    if given.curve is not None:
        found = _kept_hits(store, job).detected_curve or [0.0]
        curve = joined_curve(curve or found, given.curve, part[0] - picture_start, part[1] - picture_start)
    return msgspec.structs.replace(own, hits=hits, curve=curve)


def _whole(job: Job) -> Selected:
    return whole_clip(job.selected.clip)


def _as_laid(job: Job, take: StoredTake) -> StoredTake:
    """The job's own record of a take, which counts its hits from where it lies in this cut."""
    return next((each for each in job.takes if each.id == take.id), take)


def _as_made(wish: Wish, store: Store, cut: CutRecord, job: Job, take: StoredTake) -> Wish:
    """The wish with hits and curve of the take, as they are heard now, where it names none."""
    hits, curve = wish.hits, wish.curve
    if hits is None:
        shift_s = float(job.selected.record_in - fraction(job.selected.clip.record_in))
        heard = heard_hits(_as_laid(job, take), store.take_slips.of(take.id))
        hits = [Hit(hit.time_s + shift_s, hit.strength) for hit in heard]
    if curve is None and job.request.curve:
        whole = plan_cue(cut, _whole(job), handle_s=DEFAULT_HANDLE)
        late_s = lies_at(store, cut, job, take)[0] - wav_start_of(whole, fraction(cut.rate))
        curve = moved(job.request.curve, round(late_s * CURVE_RATE), curve_points(whole))
    return msgspec.structs.replace(wish, hits=hits, curve=curve)


def _itself(tokens: Tokens, take: StoredTake) -> Cast | None:
    """A part of the take to go on from, as if it were cast: the same shoes on the same floor."""
    try:
        return excerpt_of(tokens, hits_of_tokens(take))
    except CastRefused:
        return None


def _picture_start(cut: CutRecord, selected: Selected) -> Fraction:
    return wav_start_of(plan_cue(cut, selected, handle_s=DEFAULT_HANDLE), fraction(cut.rate))


def _on_sample(time_s: Fraction | float) -> Fraction:
    return Fraction(round(Fraction(time_s) * SAMPLE_RATE), SAMPLE_RATE)
