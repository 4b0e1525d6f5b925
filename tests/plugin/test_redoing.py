"""A take made from a take: what the engine is asked for, and what comes of it beside the takes that are there."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from engine.protocol import RHYTHM_AND_BODY, Hit, Original, fraction
from foley_plugin.jobs.errors import CannotRedo
from foley_plugin.jobs.generate import Wish, make_job, open_project
from foley_plugin.jobs.hand_hits import ClipHits, HandEdits, is_made_for, points_of
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.redoing import extend, lies_at, redo_part, vary
from foley_plugin.services.batch import Stop, run_jobs
from foley_plugin.services.engine_subprocess import SubprocessEngine
from foley_plugin.takes.records import Spotting, StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.placement import cue_key
from foley_plugin.timeline.records import CutRecord
from foley_plugin.timeline.selection import Selected, select

RATE = 48000
HITS = [Hit(0.1, 0.9), Hit(0.5, 0.8)]


class Bench:
    """One take of one clip, and the engine that made it."""

    def __init__(self, cut: CutRecord, store: Store, engine: SubprocessEngine) -> None:
        self.cut, self.store, self.engine = cut, store, engine
        (self.selected,) = select(cut, clips=["V1:3"])
        self.job = make_job(store, cut, self.selected, Wish(hits=HITS))
        self.take = self.run(self.job)

    def run(self, job: Job) -> StoredTake:
        outcome = run_jobs(self.store, self.engine, [job], stop=Stop())
        assert outcome.failures == []
        return job.takes[0]

    def samples(self, take: StoredTake) -> bytes:
        with wave.open(str(self.store.wav_path(take))) as file:
            return bytes(file.readframes(file.getnframes()))


@pytest.fixture
def bench(
    cut: CutRecord, project: Path, tmp_path: Path, fake_engine: Callable[..., list[str]]
) -> Iterator[Bench]:
    with (
        SubprocessEngine(fake_engine(), log_path=tmp_path / "engine.log") as engine,
        open_project(cut, project) as store,
    ):
        yield Bench(cut, store, engine)


def original_of(job: Job) -> Original:
    assert job.request.original is not None
    return job.request.original


def test_a_part_is_redone_and_the_rest_stays_to_the_sample(bench: Bench) -> None:
    start, end = lies_at(bench.store, bench.cut, bench.job, bench.take)
    before = bench.samples(bench.take)
    part = (start + Fraction(6, 5), start + Fraction(7, 4))
    again = redo_part(bench.store, bench.cut, bench.job, bench.take, *part, hits=[Hit(0.6)])
    asked = original_of(again)
    assert asked.redo == [((6, 5), (7, 4))] and asked.start == (0, 1)
    assert (again.cue.id, again.request.label) == (bench.job.cue.id, bench.take.label)
    assert again.request.seed == bench.take.seed + 1
    take = bench.run(again)
    assert take.wav != bench.take.wav and take.cue_id == bench.take.cue_id
    first, last = (round((edge - start) * RATE) for edge in part)
    after = bench.samples(take)
    assert after[: 3 * first] == before[: 3 * first] and after[3 * last :] == before[3 * last :]
    assert after != before and bench.samples(bench.take) == before
    assert len(after) == 3 * round((end - start) * RATE)


def test_without_new_hits_the_part_follows_those_that_the_take_has(bench: Bench) -> None:
    start, _ = lies_at(bench.store, bench.cut, bench.job, bench.take)
    job = redo_part(bench.store, bench.cut, bench.job, bench.take, start + 1, start + 2)
    assert job.request.hits == HITS


def test_what_was_set_by_hand_is_what_a_part_follows_but_not_a_variation(bench: Bench) -> None:
    start, _ = lies_at(bench.store, bench.cut, bench.job, bench.take)
    curve = [0.5] * 400
    by_hand = Spotting([Hit(0.7)], curve=curve, by_hand=True, curve_by_hand=True)
    own = cue_key(bench.selected, label=None, layer=0)
    bench.store.set_spotting(bench.store.add_cue(own, media=bench.selected.clip.media or "").id, by_hand)
    part = redo_part(bench.store, bench.cut, bench.job, bench.take, start + 1, start + 2)
    assert part.request.hits == [Hit(0.7)]
    points = part.request.curve or []
    assert points == [*([0.0] * 50), *([0.5] * 50), *([0.0] * (len(points) - 100))] and len(points) > 100
    varied = vary(bench.store, bench.cut, bench.job, bench.take)
    assert varied.request.hits == HITS and varied.request.curve is None


def set_curve(bench: Bench, curve: list[float], found: list[float] | None = None) -> ClipHits:
    """A curve drawn over the clip, whose hits are as the take has them."""
    own = bench.store.add_cue(
        cue_key(bench.selected, label=None, layer=0), media=bench.selected.clip.media or ""
    )
    spotted = None if found is None else HITS
    kept = Spotting(HITS, curve, by_hand=True, curve_by_hand=True, spotted_hits=spotted, spotted_curve=found)
    bench.store.set_spotting(own.id, kept)
    return ClipHits(by_hand=HandEdits(points_of(HITS), tuple(curve)))


@pytest.mark.parametrize("before", [None, [0.25] * 400])
def test_a_part_alone_follows_a_new_curve_and_the_take_is_not_made_for_the_rest_of_it(
    bench: Bench, before: list[float] | None
) -> None:
    job = make_job(bench.store, bench.cut, bench.selected, Wish(hits=HITS, curve=before))
    take = bench.run(job)
    start, _ = lies_at(bench.store, bench.cut, job, take)
    new = set_curve(bench, [0.5] * 400, [0.25] * 400)
    again = redo_part(bench.store, bench.cut, job, take, start + 1, start + 2)
    points = again.request.curve or []
    assert points == [*([0.25] * 50), *([0.5] * 50), *([0.25] * (len(points) - 100))]
    assert not is_made_for(new, again, bench.run(again), bench.cut)
    within = HandEdits(points_of(HITS), (*([0.25] * 60), *([0.5] * 30), *([0.25] * 310)))
    set_curve(bench, list(within.curve or ()), [0.25] * 400)
    part = redo_part(bench.store, bench.cut, job, take, start + 1, start + 2)
    assert is_made_for(ClipHits(by_hand=within), part, bench.run(part), bench.cut)


@pytest.mark.parametrize("slip_samples", [-12000, -4000, 0, 4000, 2100])
@pytest.mark.parametrize("is_varied", [True, False])
def test_a_slipped_take_is_made_anew_for_its_curve_where_it_lies_now(
    bench: Bench, slip_samples: int, is_varied: bool
) -> None:
    drawn = [round(abs(number % 50 - 25) / 25, 4) for number in range(400)]
    hits = set_curve(bench, drawn)
    job = make_job(bench.store, bench.cut, bench.selected, Wish(hits=HITS, curve=drawn))
    take = bench.run(job)
    bench.store.take_slips.set(take.id, slip_samples)
    begins = bench.selected.record_in
    if is_varied:
        again = vary(bench.store, bench.cut, job, take)
    else:
        again = redo_part(bench.store, bench.cut, job, take, begins + Fraction(1, 5), begins + Fraction(2, 5))
    made = bench.run(again)
    assert len(again.request.curve or []) == len(job.request.curve or [])
    assert is_made_for(hits, again, made, bench.cut)
    thrice = vary(bench.store, bench.cut, again, made)
    assert is_made_for(hits, thrice, bench.run(thrice), bench.cut)
    for other in (drawn[10:] + drawn[:10], [1 - level for level in drawn]):
        redrawn = ClipHits(by_hand=HandEdits(points_of(HITS), tuple(other)))
        assert not is_made_for(redrawn, again, made, bench.cut)


def test_a_take_of_the_second_layer_does_not_follow_what_was_set_for_the_first(bench: Bench) -> None:
    job = make_job(bench.store, bench.cut, bench.selected, Wish(label="cloth", layer=1))
    take = bench.run(job)
    set_curve(bench, [0.5] * 400)
    start, _ = lies_at(bench.store, bench.cut, job, take)
    part = redo_part(bench.store, bench.cut, job, take, start + 1, start + 2)
    assert part.request.hits == take.hits != HITS and part.request.curve is None
    assert not part.follows_hand and part.cue.layer == 1
    given = redo_part(bench.store, bench.cut, job, take, start + 1, start + 2, hits=[Hit(0.7)])
    assert Hit(0.7) in (given.request.hits or []) and given.follows_hand
    rate, whole = fraction(bench.cut.rate), bench.selected
    short = Selected(whole.clip, whole.record_in + 12 / rate, whole.record_out - 6 / rate)
    job = make_job(bench.store, bench.cut, short, Wish(label="cloth", layer=1))
    longer = extend(bench.store, bench.cut, job, bench.run(job), whole)
    assert longer.request.hits is None and longer.request.curve is None


def test_a_curve_that_a_take_was_made_by_goes_on_with_its_sound(bench: Bench) -> None:
    ramp = [number / 500 for number in range(300)]
    job = make_job(bench.store, bench.cut, bench.selected, Wish(hits=HITS, curve=ramp))
    take = bench.run(job)
    bench.store.take_slips.set(take.id, 4800)
    again = vary(bench.store, bench.cut, job, take)
    asked, before = again.request.curve or [], job.request.curve or []
    assert asked[5:] == before[: len(asked) - 5] and asked[:5] == [0.0] * 5
    assert len(asked) == len(before)


def test_a_slipped_take_is_kept_where_its_sound_lies_now(bench: Bench) -> None:
    bench.store.take_slips.set(bench.take.id, 2400)
    start, _ = lies_at(bench.store, bench.cut, bench.job, bench.take)
    job = redo_part(bench.store, bench.cut, bench.job, bench.take, float(start) + 1.5, float(start) + 1.8)
    assert original_of(job).start == (1, 20)
    assert [hit.time_s for hit in job.request.hits or []] == pytest.approx([0.15, 0.55])
    before, after = bench.samples(bench.take), bench.samples(bench.run(job))
    assert after[3 * 2400 : 3 * 2400 + 3 * RATE] == before[: 3 * RATE]


def test_a_part_at_the_beginning_goes_on_from_the_take_itself(bench: Bench) -> None:
    start, end = lies_at(bench.store, bench.cut, bench.job, bench.take)
    early = redo_part(bench.store, bench.cut, bench.job, bench.take, start, start + Fraction(1, 2))
    assert early.request.cast is not None
    late = redo_part(bench.store, bench.cut, bench.job, bench.take, end - Fraction(1, 2), end + 9)
    assert late.request.cast is None
    assert fraction(original_of(late).redo[0][1]) == end - start


def test_a_variation_redoes_the_whole_and_keeps_rhythm_and_body(bench: Bench) -> None:
    job = vary(bench.store, bench.cut, bench.job, bench.take, takes=2)
    asked, picture = original_of(job), job.request.picture
    assert asked.kept_codebooks == RHYTHM_AND_BODY and len(job.request.wav_paths) == 2
    assert [(fraction(a), fraction(b)) for a, b in asked.redo] == [(Fraction(0), picture.duration)]
    assert job.request.cast is None


def test_a_clip_that_became_longer_keeps_the_take_where_it_lies(bench: Bench) -> None:
    """The clip is trimmed for the take and then opened by 12 frames at its head and 6 at its tail."""
    rate = fraction(bench.cut.rate)
    whole = bench.selected
    short = Selected(whole.clip, whole.record_in + 12 / rate, whole.record_out - 6 / rate)
    job = make_job(bench.store, bench.cut, short, Wish(label="hammer"))
    take = bench.run(job)
    longer = extend(bench.store, bench.cut, job, take, whole)
    asked = original_of(longer)
    assert float(fraction(asked.start)) == pytest.approx(float(12 / rate), abs=1 / RATE)
    assert asked.redo == [] and longer.request.cast is not None
    assert longer.request.hits == HITS  # what was set by hand for the whole clip
    before, after = bench.samples(take), bench.samples(bench.run(longer))
    first = round(fraction(asked.start) * RATE)
    assert after[3 * first : 3 * first + len(before)] == before
    assert len(after) > len(before) + 3 * first
    with pytest.raises(CannotRedo, match="covers the clip already"):
        extend(bench.store, bench.cut, longer, longer.takes[0], whole)


def test_a_take_of_a_take_says_where_its_tokens_begin(bench: Bench) -> None:
    recipe = {**bench.take.recipe, "tokens_start": [-1, 100]}
    take = msgspec.structs.replace(bench.take, recipe=recipe)
    start, _ = lies_at(bench.store, bench.cut, bench.job, take)
    job = redo_part(bench.store, bench.cut, bench.job, take, start + 1, start + 2)
    assert original_of(job).tokens_start == (-1, 100)


def test_what_cannot_be_redone_is_told_in_a_sentence(bench: Bench) -> None:
    _, end = lies_at(bench.store, bench.cut, bench.job, bench.take)
    with pytest.raises(CannotRedo, match="No part of"):
        redo_part(bench.store, bench.cut, bench.job, bench.take, end, end + 1)
    unknown = msgspec.structs.replace(bench.take, id=99)
    with pytest.raises(CannotRedo, match="kept no tokens"):
        vary(bench.store, bench.cut, bench.job, unknown)
    bench.store.wav_path(bench.take).unlink()
    with pytest.raises(CannotRedo, match="is not there"):
        vary(bench.store, bench.cut, bench.job, bench.take)


def test_a_job_that_was_laid_under_a_trimmed_clip_is_redone_as_the_clip_is_now(bench: Bench) -> None:
    """Its takes are of another part of the media, so that the new take is of another cue."""
    rate = fraction(bench.cut.rate)
    whole, plan = bench.selected, bench.job.plan
    short = Selected(whole.clip, whole.record_in + 12 / rate, whole.record_out)
    laid = replace(plan, record_frame=plan.record_frame + 12, head_frames=plan.head_frames + 12)
    job = Job(bench.job.id, bench.job.cue, short, laid, bench.job.request, takes=bench.job.takes)
    start, end = lies_at(bench.store, bench.cut, job, bench.take)
    assert (start, end) == lies_at(bench.store, bench.cut, bench.job, bench.take)
    again = redo_part(bench.store, bench.cut, job, bench.take, end - 1, end)
    assert again.cue.id != bench.job.cue.id
    assert float(fraction(original_of(again).start)) == pytest.approx(float(-12 / rate), abs=1 / RATE)


@pytest.mark.parametrize("hits", [None, HITS])
def test_found_hits_stay_found_under_a_new_cue_and_those_set_by_hand_a_persons(
    bench: Bench, hits: list[Hit] | None
) -> None:
    rate, whole = fraction(bench.cut.rate), bench.selected
    part = Selected(whole.clip, whole.record_in, whole.record_out - 6 / rate)
    first = make_job(bench.store, bench.cut, part, Wish(label="knock", hits=hits))
    take = bench.run(first)
    shorter = Selected(whole.clip, part.record_in + 12 / rate, part.record_out)
    job = replace(first, selected=shorter)
    varied = vary(bench.store, bench.cut, job, take)
    bench.run(varied)
    kept = bench.store.cue(varied.cue.key)
    assert varied.request.hits is not None and varied.cue.id != first.cue.id
    assert kept is not None and kept.spotting is not None and kept.spotting.by_hand == (hits is not None)
    again = vary(bench.store, bench.cut, varied, varied.takes[0])
    assert again.follows_hand == varied.follows_hand == (hits is not None)


@pytest.mark.parametrize("slip_samples", [0, 2400])
def test_a_part_follows_what_was_set_within_it_and_the_rest_has_the_hits_that_are_heard_there(
    bench: Bench, slip_samples: int
) -> None:
    bench.store.take_slips.set(bench.take.id, slip_samples)
    late_s = slip_samples / RATE
    set_since = [Hit(0.1, 0.9), Hit(0.6, 0.8)]  # the second was moved by hand
    elsewhere = [Hit(0.2, 0.9), Hit(0.6, 0.8)]  # the first as well, where nothing is drawn anew
    start = bench.selected.record_in
    for given, is_fresh in ((set_since, True), (elsewhere, False)):
        part = (start + Fraction(2, 5), start + Fraction(9, 10))
        job = redo_part(bench.store, bench.cut, bench.job, bench.take, *part, hits=given)
        assert [hit.time_s for hit in job.request.hits or []] == pytest.approx([0.1 + late_s, 0.6])
        hits = ClipHits(by_hand=HandEdits(points_of(given)))
        take = msgspec.structs.replace(bench.take, hits=job.request.hits)
        if slip_samples == 0 or is_fresh:
            assert is_made_for(hits, job, take, bench.cut) == is_fresh


def test_a_clip_that_is_opened_after_a_trim_keeps_the_hits_that_its_take_was_made_for(bench: Bench) -> None:
    """The cue that the hits were set over is of the clip as it was; as it is now it has none of its own."""
    rate, whole = fraction(bench.cut.rate), bench.selected
    short = Selected(whole.clip, whole.record_in + 6 / rate, whole.record_out - 6 / rate)
    for hits, curve in ((HITS, [0.5] * 400), (None, None)):
        made = make_job(bench.store, bench.cut, short, Wish(label="knock", hits=hits, curve=curve))
        take = bench.run(made)
        bench.store.set_spotting(bench.job.cue.id, None)
        longer = extend(bench.store, bench.cut, made, take, whole)
        if hits is None:
            assert longer.request.hits is None and not longer.follows_hand
        else:
            assert [hit.time_s for hit in longer.request.hits or []] == pytest.approx([0.1, 0.5])
            assert longer.follows_hand and longer.request.curve and longer.request.curve[-1] == 0.5
