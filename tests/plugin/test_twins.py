"""The same shot cut in several times: each instance has takes, choices and hits of its own, in every cut to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec
import opentimelineio as otio
import pytest

from engine.protocol import Hit, rational
from foley_plugin.jobs.generate import Wish, make_job
from foley_plugin.jobs.hand_hits import cues_of_clip, kept_clip_hits, spotted_cues
from foley_plugin.jobs.meant import meant_takes
from foley_plugin.jobs.recut.carried_hits import carried_hits
from foley_plugin.jobs.recut.conform import conform_cut, placed_jobs
from foley_plugin.jobs.recut.renewals import renewals_of
from foley_plugin.takes.records import Spotting
from foley_plugin.takes.store import Store
from foley_plugin.timeline.placement import cue_key
from foley_plugin.timeline.read import cut_record
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import whole_clip
from foley_plugin.timeline.twins import with_twins
from tests.panel.footage import write_film
from tests.plugin.delivery.small_project import clip_at, cut_of, make_take
from tests.plugin.earlier_projects import take_back

RATE = Fraction(25)
SHOT = clip_at(1, 0, 100, RATE, name="shot")
OTHER = clip_at(2, 0, 50, RATE, name="other")


def cut_with(*clips: ClipRecord, version: int = 1) -> CutRecord:
    """These clips one after the other."""
    at, laid = Fraction(0), []
    for index, clip in enumerate(clips, start=1):
        length = Fraction(*clip.record_out) - Fraction(*clip.record_in)
        edges = {"record_in": rational(at), "record_out": rational(at + length)}
        laid.append(msgspec.structs.replace(clip, index=index, **edges))
        at += length
    cut = cut_of(*with_twins(laid), rate=RATE, frames=int(at * RATE))
    return msgspec.structs.replace(cut, source_sha256=str(version))


CUT = cut_with(SHOT, OTHER, SHOT, SHOT)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "p") as store:
        yield store


def meant(store: Store, cut: CutRecord) -> list[tuple[int, str, int]]:
    """Clip, label and seed of what lies on a cut; `foley conform` must come to the same."""
    found = [
        (each.job.selected.clip.index, each.take.label, each.take.seed) for each in meant_takes(store, cut)
    ]
    conformed = conform_cut(store, cut, chosen=store.cue_book.chosen())
    jobs = placed_jobs(conformed, conformed.stretches)
    told = [(job.selected.clip.index, job.takes[0].label, job.takes[0].seed) for job in jobs]
    assert sorted(told) == found
    return found


def set_hits(store: Store, clip: ClipRecord, *times_s: float) -> None:
    for cue_id in cues_of_clip(store, whole_clip(clip), ()):
        store.set_spotting(cue_id, Spotting([Hit(time_s, 0.5) for time_s in times_s], by_hand=True))


def hits_by_hand(store: Store, cut: CutRecord) -> dict[int, list[float]]:
    cues = spotted_cues(store)
    kept = kept_clip_hits(cues, cut)
    kept += carried_hits(store, cues, cut, {(clip.track, clip.index) for clip, _ in kept})
    return {clip.index: [hit.time_s for hit in hits.hits] for clip, hits in kept}


def test_only_clips_of_the_same_picture_are_twins_whatever_their_files_are_called(tmp_path: Path) -> None:
    shot, other = write_film(tmp_path / "a.mp4"), write_film(tmp_path / "b.mp4", grey=10)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(shot.read_bytes())
    track = otio.schema.Track("V", kind="Video")

    def add(film: Path, first: int, *, enabled: bool = True) -> None:
        time = otio.opentime.RationalTime
        available, used = ((time(at, 24), time(length, 24)) for at, length in ((0, 72), (first, 24)))
        media = otio.schema.ExternalReference(str(film), otio.opentime.TimeRange(*available))
        track.append(otio.schema.Clip("c", media, otio.opentime.TimeRange(*used)))
        track[-1].enabled = enabled

    add(shot, 12)
    add(other, 12)
    add(shot, 13)
    add(copy, 12)
    add(shot, 12, enabled=False)
    add(shot, 12)
    path = tmp_path / "cut.otio"
    path.write_text(otio.adapters.write_to_string(otio.schema.Timeline("t", [track]), "otio_json"))
    clips = cut_record(path).clips
    assert [(clip.twin, clip.twins) for clip in clips] == [(0, 4), (0, 1), (0, 1), (1, 4), (2, 4), (3, 4)]
    keys = [cue_key(whole_clip(clip), label=None, layer=0) for clip in clips]
    assert len(set(keys)) == 6
    alone = msgspec.structs.replace(clips[0], twins=1)
    assert cue_key(whole_clip(alone), label=None, layer=0) == keys[0], (
        "a cue of before is the first instance's"
    )


def test_each_instance_has_its_own_take_choice_and_seeds(store: Store) -> None:
    first, third = CUT.clips[0], CUT.clips[2]
    for clip, label in ((first, "hammer"), (third, "cloth")):
        make_take(store, CUT, clip, label, [1.0])
    assert meant(store, CUT) == [(1, "hammer", 0), (3, "cloth", 0)], "the fourth was never picked"
    seeds = [make_job(store, CUT, whole_clip(clip), Wish(label="door")).request.seed for clip in CUT.clips]
    assert seeds == [0, 0, 1, 2], "twins do not sound the same"

    both = [
        make_take(store, CUT, clip, "knock", [1.0], seed=7 + clip.index, takes=2) for clip in (first, third)
    ]
    store.cue_book.choose(both[1].cue.id, both[1].takes[1].id)
    assert meant(store, CUT) == [(1, "knock", 8), (3, "knock", 11)]
    store.cue_book.choose(both[0].cue.id, None)
    assert meant_takes(store, CUT)[0].take.label == "hammer", "what lies below is heard"
    assert [each.take.seed for each in meant_takes(store, CUT)] == [0, 11]


def test_a_marked_part_of_one_instance_is_of_that_one_alone(store: Store) -> None:
    start = Fraction(*CUT.clips[2].record_in)
    make_take(store, CUT, CUT.clips[2], "hammer", [0.5], part=(start + 1, start + 2))
    assert [each.placement.record_frame for each in meant_takes(store, CUT)] == [int((start + 1) * RATE)]


@pytest.mark.parametrize(
    ("clips", "expected"),
    [
        pytest.param([OTHER, SHOT, SHOT, SHOT], [(2, 1), (3, 2)], id="moved"),
        pytest.param([SHOT, OTHER, SHOT], [(1, 1), (3, 2)], id="one fewer"),
        pytest.param([OTHER, SHOT], [(2, 1)], id="one left"),
        pytest.param(
            [SHOT, SHOT, SHOT, OTHER, SHOT], [(1, 1), (2, 2), (5, 2)], id="a new one sounds as one does"
        ),
    ],
)
def test_in_the_next_version_the_first_instances_keep_theirs_in_order(
    store: Store, clips: Sequence[ClipRecord], expected: list[tuple[int, int]]
) -> None:
    make_take(store, CUT, CUT.clips[0], "hammer", [1.0], seed=1)
    make_take(store, CUT, CUT.clips[2], "hammer", [1.0], seed=2)
    found = [(clip, seed) for clip, _, seed in meant(store, cut_with(*clips, version=2))]
    assert found == expected
    assert [seed for _, _, seed in meant(store, CUT)] == [1, 2], "nothing is lost"


def test_where_only_a_later_instance_was_picked_and_the_others_are_gone_its_take_stays(store: Store) -> None:
    make_take(store, CUT, CUT.clips[2], "hammer", [1.0])
    assert meant(store, CUT) == [(3, "hammer", 0)]
    assert meant(store, cut_with(OTHER, SHOT, version=2)) == [(2, "hammer", 0)]


def test_hits_of_each_instance_are_kept_and_followed(store: Store) -> None:
    first, third = CUT.clips[0], CUT.clips[2]
    set_hits(store, first, 1.0, 2.0)
    assert hits_by_hand(store, CUT) == {1: [1.0, 2.0]}, "the others were there and were left alone"
    assert hits_by_hand(store, cut_with(*[SHOT] * 4, version=2)) == {1: [1.0, 2.0], 4: [1.0, 2.0]}, (
        "one is new"
    )
    set_hits(store, third, 3.0)
    assert hits_by_hand(store, CUT) == {1: [1.0, 2.0], 3: [3.0]}
    renewals = renewals_of(store, conform_cut(store, CUT))
    assert [None if each.by_hand is None else len(each.by_hand.hits) for each in renewals] == [
        2,
        None,
        1,
        None,
    ]


def test_in_a_project_of_before_the_instances_share_until_one_is_given_its_own(tmp_path: Path) -> None:
    unnumbered = [msgspec.structs.replace(clip, twin=0, twins=1) for clip in CUT.clips]
    before = msgspec.structs.replace(CUT, clips=unnumbered)
    with Store.open(tmp_path / "old") as store:
        make_take(store, before, unnumbered[0], "hammer", [1.0])
        make_take(store, before, unnumbered[2], "cloth", [1.0])
        set_hits(store, unnumbered[0], 1.0)
        shown = [(each.take.label, each.job.selected.clip.index) for each in meant_takes(store, before)]
    take_back(tmp_path / "old", 5)
    for read_only in (True, False):
        with Store.open(tmp_path / "old", read_only=read_only) as store:
            now = [(each.take.label, each.job.selected.clip.index) for each in meant_takes(store, CUT)]
            assert now == shown == [("cloth", 1), ("cloth", 3), ("cloth", 4)]
            assert hits_by_hand(store, CUT) == {1: [1.0], 3: [1.0], 4: [1.0]}
    with Store.open(tmp_path / "old") as store:
        make_take(store, CUT, CUT.clips[2], "door", [1.0])
        set_hits(store, CUT.clips[2], 2.0)
        now = [(each.take.label, each.job.selected.clip.index) for each in meant_takes(store, CUT)]
        assert now[0] == ("cloth", 1) and now[1] == ("door", 3)
        assert hits_by_hand(store, CUT)[1] == [1.0] and hits_by_hand(store, CUT)[3] == [2.0]
