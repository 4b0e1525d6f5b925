"""Hits and curves without a window: what edits come to, what is kept, and that all of it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PyQt6.QtWidgets import QApplication

from engine.protocol import Hit, Original, pack_tokens
from foley_plugin.jobs.generate import Wish, make_job
from foley_plugin.jobs.hand_hits import (
    ClipHits,
    HandEdits,
    HitPoint,
    clip_hits_of,
    found_hits,
    is_made_for,
    kept_clip_hits,
    spotted_cues,
    spotting_of,
    wish_with,
)
from foley_plugin.jobs.job import Job
from foley_plugin.jobs.recut.carried_hits import carried_hits
from foley_plugin.qtmodels.edit_history import EditHistory
from foley_plugin.qtmodels.engine_process import EngineProcess
from foley_plugin.qtmodels.foley_desk import FoleyDesk
from foley_plugin.qtmodels.hit_book import HitBook
from foley_plugin.qtmodels.hit_commands import HitCommands
from foley_plugin.qtmodels.hit_edits import (
    LEAST_STRENGTH,
    drawn,
    erased,
    moved,
    replaced,
    strengthened,
    usual_strength,
    with_hit,
)
from foley_plugin.qtmodels.hit_sheet import HeardTake, HitMark, HitSheet, heard_hits
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.take_edits import TakeEdits
from foley_plugin.services.media_client import Onset
from foley_plugin.takes.records import Spotting, StoredTake
from foley_plugin.takes.store import Store
from foley_plugin.timeline.selection import Selected, whole_clip
from tests.panel.cuts import clip, cut_of

A, B = ClipKey("V1", 1), ClipKey("V1", 2)
CUT = cut_of(clip("a", 1, 0, 48), clip("b", 2, 72, 120, source_frame=200))
FOUND = Spotting([Hit(-0.5, 0.3), Hit(0.5, 0.8), Hit(1.25, 0.6)], [0.5] * 200)
FRAME_S = 1001 / 24000


class Bench:
    """A book over a real store, and the history that it writes."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder / "project")
        self.history = EditHistory()
        self.book = HitBook(self.history)
        self.commands = HitCommands(self.book)
        self.attach()

    def attach(self) -> None:
        engine = EngineProcess(command=["never-started"])
        self.desk = FoleyDesk(engine, self.store, CUT, TakeEdits(self.store, CUT, [], self.history))
        self.book.attach(self.desk, self.store, CUT)

    def spot(self) -> None:
        self.desk.spotted.emit(whole_clip(CUT.clips[0]), FOUND)

    @property
    def times_s(self) -> list[float]:
        return [hit.time_s for hit in self.book.sheet.of(A).hits]


@pytest.fixture
def bench(tmp_path: Path, qapp: QApplication) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()


def test_hits_that_are_moved_together_keep_their_distance_and_stay_in_the_clip() -> None:
    points = {HitPoint(0.5, 0.8), HitPoint(1.25, 0.6)}
    assert {hit.time_s for hit in moved(points, 0.1, 2.0).values()} == {0.6, 1.35}
    early = sorted(moved(points, -9.0, 2.0).values())
    assert [hit.time_s for hit in early] == [0.0, 0.75]
    late = sorted(moved(points, 9.0, 2.0).values())
    assert late[-1].time_s < 2.0 and late[1].time_s - late[0].time_s == pytest.approx(0.75)
    assert moved(set(), 1.0, 2.0) == {}


@pytest.mark.parametrize(
    ("from_s", "by_s", "step_s", "to_s"),
    [
        (0.4, 0.1, 0.1, 0.7),
        (0.4, 0.1, 0.05, 0.55),
        (0.4, 0.2, -0.1, 0.4),
        (0.4, 9.0, -0.1, 1.895),
        (0.9, -0.4, 0.05, 0.55),
        (0.9, -0.304, 0.005, 0.606),
        (0.4, 0.1, 0.0, 0.4),
        (0.7, -0.1, -0.9, 0.7),
    ],
)
def test_a_hit_that_is_moved_lands_on_no_other(
    from_s: float, by_s: float, step_s: float, to_s: float
) -> None:
    point = HitPoint(from_s, 0.8)
    hits = (HitPoint(0.5, 0.8), HitPoint(0.6, 0.8), HitPoint(1.995, 0.8), point)
    assert moved({point}, by_s, 2.0, hits, step_s=step_s)[point].time_s == pytest.approx(to_s)


@given(
    st.sets(st.integers(0, 20), min_size=2, max_size=8),
    st.integers(1, 7),
    st.floats(-2.5, 2.5),
    st.sampled_from([-FRAME_S, -0.005, 0.005, FRAME_S]),
)
def test_hits_that_are_moved_stay_as_many_as_they_were(
    frames: set[int], count: int, by_s: float, step_s: float
) -> None:
    hits = tuple(HitPoint(frame * FRAME_S, 0.8) for frame in sorted(frames))
    changes = moved(set(hits[:count]), by_s, 2.0, hits, step_s=step_s)
    times_s = [hit.time_s for hit in replaced(hits, changes)]
    assert all(later - earlier > 0.0049 for earlier, later in pairwise(times_s))


def test_a_hit_that_is_nudged_jumps_over_another_and_is_deleted_alone(bench: Bench) -> None:
    for frame in (10, 12):
        bench.commands.add(A, frame * FRAME_S, 0.8)
    bench.book.select(frozenset({HitMark(A, HitPoint(10 * FRAME_S, 0.8))}))
    bench.commands.nudge(FRAME_S)
    bench.commands.nudge(FRAME_S)
    assert bench.times_s == pytest.approx([12 * FRAME_S, 13 * FRAME_S])
    bench.commands.nudge(-5 * FRAME_S, step_s=-FRAME_S)
    bench.commands.nudge(4 * FRAME_S, step_s=FRAME_S)
    assert bench.times_s == pytest.approx([12 * FRAME_S, 13 * FRAME_S])
    bench.commands.delete_selected()
    assert bench.times_s == pytest.approx([12 * FRAME_S])


def test_a_hit_is_never_so_weak_that_it_is_none_nor_stronger_than_full() -> None:
    point = HitPoint(0.5, 0.8)
    assert strengthened({point}, 9.0)[point].strength == 1.0
    assert strengthened({point}, -9.0)[point].strength == LEAST_STRENGTH


def test_a_hit_where_there_is_one_is_not_added() -> None:
    hits = (HitPoint(0.5, 0.8),)
    assert with_hit(hits, HitPoint(0.502, 1.0)) is hits
    assert usual_strength(hits) == 0.8


def test_a_stroke_is_drawn_through_between_two_places_of_the_mouse() -> None:
    curve = drawn([0.5] * 100, 100, [(0.41, 0.0), (1.01, 1.0)])
    assert curve[19] == 0.5 and curve[20] == 0.0 and curve[50] == 1.0 and curve[51] == 0.5
    assert curve[35] == pytest.approx(0.5)
    assert drawn([], 10, [(0.05, 0.4)]) == (0, 0, 0.4, 0, 0, 0, 0, 0, 0, 0)
    back = drawn([0.5] * 100, 100, [(1.01, 1.0), (0.41, 0.0)])
    assert back == curve, "from right to left it is the same stroke"
    assert drawn([0.5] * 3, 3, [(-9.0, 0.2), (9.0, 0.2)]) == (0.2, 0.2, 0.2)


def test_an_erased_stretch_is_the_spotters_again() -> None:
    curve = erased([0.9] * 100, [0.5] * 80, [(0.41, 0.0), (1.01, 0.0)])
    assert curve[19] == 0.9 and curve[20] == curve[50] == 0.5 and curve[51] == 0.9


@given(
    st.lists(st.floats(0, 60), max_size=8),
    st.one_of(st.none(), st.lists(st.floats(0, 1), max_size=4)),
    st.booleans(),
)
def test_what_is_kept_is_read_as_it_was(
    times_s: list[float], curve: list[float] | None, was_spotted: bool
) -> None:
    edits = HandEdits(
        tuple(sorted(HitPoint(time_s, 0.5) for time_s in times_s)), None if curve is None else tuple(curve)
    )
    hits = found_hits(FOUND, edits) if was_spotted else ClipHits(by_hand=edits)
    kept = spotting_of(hits)
    assert kept is not None and kept.by_hand
    read = clip_hits_of(kept)
    assert (read.by_hand, read.detected) == (hits.by_hand, hits.detected)


def test_only_a_curve_drawn_leaves_the_hits_to_the_spotter() -> None:
    kept = spotting_of(ClipHits(by_hand=HandEdits(curve=(0.1, 0.2))))
    assert kept is not None and not kept.by_hand and kept.curve_by_hand
    wish = wish_with(Wish(), clip_hits_of(kept).by_hand)
    assert wish.hits is None and wish.curve == [0.1, 0.2]


def test_onsets_find_their_hits_nearest_first_and_no_hit_twice() -> None:
    found = heard_hits([0.52, 0.6, 1.9, 5.0], [0.5, 2.0])
    assert [each.hit_s for each in found] == [0.5, None, 2.0, None]
    assert [round(each.late_s, 3) for each in found] == [0.02, 0.0, -0.1, 0.0]


def test_what_a_take_sounds_like_is_laid_on_the_timeline_from_its_wav() -> None:
    sheet = HitSheet(starts_s={A: 3.0}, durations_s={A: 2.0})
    sheet.put(A, found_hits(FOUND))
    take = HeardTake("1", A, "/takes/a.wav", 3.0, 5.0, wave_in_s=1.0)
    assert sheet.heard_in(take) == []
    sheet.heard[take.wav] = (Onset(0.5, 0.9), Onset(1.55, 0.9), Onset(2.25, 0.5))
    assert [(each.heard_s, each.hit_s) for each in sheet.heard_in(take)] == [(3.55, 3.5), (4.25, 4.25)]


def test_a_curve_over_a_part_of_a_clip_is_that_part_of_it(bench: Bench) -> None:
    clip_whole = whole_clip(CUT.clips[0])
    half = Selected(clip_whole.clip, clip_whole.record_in + Fraction(1001, 1000), clip_whole.record_out)
    curve = [number / 1000 for number in range(bench.book.num_curve_points(A))]
    all_of_it = make_job(bench.store, CUT, clip_whole, Wish(curve=curve)).request.curve
    assert all_of_it == curve
    part = make_job(bench.store, CUT, half, Wish(curve=curve)).request.curve
    assert part is not None and part == curve[50 : 50 + len(part)] and len(part) in (151, 152)


def test_edits_are_kept_at_once_and_are_there_another_day(bench: Bench) -> None:
    bench.spot()
    assert bench.times_s == [-0.5, 0.5, 1.25]
    assert bench.book.sheet.hits_s[A] == (0.5, 1.25), "a hit in the handle is kept but not drawn"
    bench.book.select(frozenset({HitMark(A, HitPoint(0.5, 0.8))}))
    bench.commands.nudge(FRAME_S)
    bench.commands.strengthen(0.1)
    curve = (0.25,) * bench.book.num_curve_points(A)
    bench.book.commit("Draw", {A: HandEdits(bench.book.sheet.of(A).by_hand.hits, curve)})
    bench.attach()
    sheet = bench.book.sheet
    assert sheet.of(A).hits[1] == HitPoint(0.5 + FRAME_S, 0.9)
    assert sheet.of(A).curve == curve
    assert [hit.time_s for hit in sheet.ghosts(A)] == [0.5], "what was detected is seen beside it"
    assert [record.name for record, _ in kept_clip_hits(spotted_cues(bench.store), CUT)] == ["a"]


def test_hits_go_along_with_a_clip_that_is_trimmed_or_slid_in_its_media(bench: Bench) -> None:
    bench.spot()
    bench.book.select(frozenset({HitMark(A, HitPoint(0.5, 0.8))}))
    bench.commands.nudge(FRAME_S)
    trimmed = cut_of(clip("a", 1, 100, 136, source_frame=6), clip("x", 2, 200, 210, source_frame=100))
    ((found, hits),) = carried_hits(bench.store, spotted_cues(bench.store), trimmed, set())
    assert found.name == "a"
    assert [hit.time_s for hit in hits.hits] == pytest.approx([0.5 - 5 * FRAME_S, 1.25 - 6 * FRAME_S])
    assert carried_hits(bench.store, spotted_cues(bench.store), trimmed, {("V1", 1)}) == []


def test_a_drawn_curve_goes_along_and_is_held_where_nothing_was_drawn(bench: Bench) -> None:
    count = bench.book.num_curve_points(A)
    curve = tuple(number / count for number in range(count))
    bench.book.commit("Draw", {A: HandEdits(None, curve)})
    trimmed = cut_of(clip("a", 1, 100, 136, source_frame=6))
    ((_, hits),) = carried_hits(bench.store, spotted_cues(bench.store), trimmed, set())
    assert hits.by_hand.hits is None, "hits are still the spotter's"
    assert hits.curve == pytest.approx(
        [min(each + 6 * FRAME_S * 50 / count, curve[-1]) for each in curve][: len(hits.curve)]
    )
    assert len(hits.curve) == count - round(12 * FRAME_S * 50)
    longer = cut_of(clip("a", 1, 100, 196))
    ((_, hits),) = carried_hits(bench.store, spotted_cues(bench.store), longer, set())
    assert hits.curve[:count] == pytest.approx(curve)
    assert set(hits.curve[count:]) == {curve[-1]} and len(hits.curve) > count + 90


def test_spotting_again_touches_nothing_that_was_set_by_hand(bench: Bench) -> None:
    bench.commands.add(A, 0.7)
    bench.spot()
    assert bench.times_s == [0.7]
    assert bench.commands.revert_hits([A])
    assert bench.times_s == [-0.5, 0.5, 1.25]
    bench.history.undo()
    assert bench.times_s == [0.7]


def test_hits_found_in_a_part_of_a_clip_join_those_of_the_rest(bench: Bench) -> None:
    bench.spot()
    clip_whole = whole_clip(CUT.clips[0])
    half = Selected(clip_whole.clip, Fraction(1), clip_whole.record_out)
    bench.desk.spotted.emit(half, Spotting([Hit(0.1, 0.9), Hit(0.5, 0.9)]))
    assert bench.times_s == pytest.approx([-0.5, 0.5, 1.1, 1.5])


def test_nudges_are_one_step_and_so_are_the_taps_of_one_run(bench: Bench) -> None:
    bench.spot()
    bench.book.select(frozenset({HitMark(A, HitPoint(0.5, 0.8))}))
    for _ in range(5):
        bench.commands.nudge(FRAME_S)
    assert bench.times_s[1] == pytest.approx(0.5 + 5 * FRAME_S)
    bench.history.undo()
    assert bench.times_s == [-0.5, 0.5, 1.25]
    bench.commands.begin_taps()
    for time_s in (0.2, 0.9, 1.6):
        bench.commands.tap(A, time_s, is_playing=True)
    bench.commands.begin_taps()
    bench.commands.tap(A, 1.9, is_playing=False)
    assert len(bench.times_s) == 7
    bench.history.undo()
    assert len(bench.times_s) == 6
    bench.history.undo()
    assert bench.times_s == [-0.5, 0.5, 1.25]


def test_a_preview_stores_nothing_and_can_be_dropped(bench: Bench) -> None:
    bench.spot()
    kept = kept_clip_hits(spotted_cues(bench.store), CUT)
    bench.book.preview({A: HandEdits((HitPoint(1.0, 1.0),))})
    assert bench.times_s == [1.0] and kept_clip_hits(spotted_cues(bench.store), CUT) == kept
    bench.book.drop_preview()
    assert bench.times_s == [-0.5, 0.5, 1.25]
    assert bench.history.undo_words is None


def test_the_jump_keys_go_from_hit_to_hit(bench: Bench) -> None:
    bench.spot()
    forward = bench.commands.beside([A, B], 0.5, 1)
    assert forward is not None and forward.point.time_s == 1.25
    back = bench.commands.beside([A, B], 0.5, -1)
    assert back is None
    assert bench.book.sheet.selected == {forward}


def test_a_take_is_stale_once_what_it_was_made_for_has_changed(bench: Bench) -> None:
    part = whole_clip(CUT.clips[0])
    asked = make_job(bench.store, CUT, part, Wish())
    by_hand = make_job(bench.store, CUT, part, Wish(hits=[Hit(0.7, 0.8)]))

    def take(hits: list[Hit]) -> StoredTake:
        return StoredTake(1, 1, 1, "a.wav", "hammer", 0, hits, 0.0, -6.0, "", {}, None, "")

    def fits(hits: ClipHits, job: Job, *made: Hit) -> bool:
        return is_made_for(hits, job, take(list(made)), CUT)

    found, edited = found_hits(FOUND), HandEdits((HitPoint(0.7, 0.8),))
    assert fits(found, asked, *FOUND.hits) and fits(ClipHits(), asked, *FOUND.hits)
    assert not fits(found_hits(FOUND, edited), asked, *FOUND.hits)
    assert fits(found_hits(FOUND, edited), by_hand, Hit(0.7000001, 0.8))
    assert not fits(found, by_hand, Hit(0.7, 0.8)), "reverted"
    assert fits(found_hits(FOUND, HandEdits(found.detected)), asked, *FOUND.hits), "set back by hand"
    assert not fits(found_hits(FOUND, HandEdits(curve=(0.5,) * 250)), asked, *FOUND.hits)
    slipped = [Hit(hit.time_s + 0.04, hit.strength) for hit in FOUND.hits]
    original = Original("a.wav", pack_tokens([[0] * 50] * 4, 50, "0" * 64))
    remade = make_job(bench.store, CUT, part, Wish(hits=slipped, original=original))
    assert fits(found, remade, *slipped), "made from a take that had been slipped"
    assert not fits(found_hits(FOUND, edited), remade, *slipped)


STEPS = st.one_of(
    st.tuples(st.just("add"), st.floats(0, 1.9)),
    st.tuples(st.just("nudge"), st.integers(-6, 6)),
    st.tuples(st.just("strengthen"), st.sampled_from([-0.4, -0.1, 0.1, 0.5])),
    st.tuples(st.just("delete"), st.just(0)),
    st.tuples(st.just("select"), st.integers(0, 9)),
    st.tuples(st.just("revert"), st.just(0)),
    st.tuples(st.just("curve"), st.floats(0, 1)),
    st.tuples(st.just("tap"), st.floats(0, 1.9)),
    st.tuples(st.just("undo"), st.just(0)),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=10))
def test_any_edits_undone_are_where_they_began_and_redone_where_they_ended(
    bench: Bench, steps: list[tuple[str, float]]
) -> None:
    bench.book.commit("Back", {A: HandEdits()}, frozenset())
    bench.history.clear()
    bench.spot()
    start = bench.book.sheet.of(A).by_hand
    for name, value in steps:
        _step(bench, name, value)
    end = bench.book.sheet.of(A).by_hand
    count = 0
    while bench.history.undo_words is not None:
        bench.history.undo()
        count += 1
    assert bench.book.sheet.of(A).by_hand == start
    (_, kept), *_ = kept_clip_hits(spotted_cues(bench.store), CUT)
    assert kept.by_hand == start
    for _ in range(count):
        bench.history.redo()
    undone = any(name == "undo" for name, _ in steps)
    assert undone or bench.book.sheet.of(A).by_hand == end


def _step(bench: Bench, name: str, value: float) -> None:
    book, commands = bench.book, bench.commands
    marks = [HitMark(A, hit) for hit in book.sheet.seen(A)]
    match name:
        case "add":
            commands.add(A, value)
        case "tap":
            commands.tap(A, value, is_playing=True)
        case "nudge":
            commands.nudge(value * FRAME_S)
        case "strengthen":
            commands.strengthen(value)
        case "delete":
            commands.delete_selected()
        case "select":
            book.select(frozenset(marks[: int(value)]))
        case "revert":
            commands.revert_hits([A])
        case "curve":
            points = drawn(book.sheet.of(A).curve, book.num_curve_points(A), [(1.0, value), (2.0, 0.5)])
            book.preview({A: HandEdits(book.sheet.of(A).by_hand.hits, points)})
            book.commit_preview("Draw intensity curve")
        case _:
            bench.history.undo()
