"""Names, favourites, the trash and the sync of takes; and that they come to projects of earlier versions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from foley_plugin.jobs.meant import meant_takes
from foley_plugin.takes.errors import ProjectReadOnly
from foley_plugin.takes.schema import SCHEMA_VERSION
from foley_plugin.takes.store import Store
from foley_plugin.takes.take_marks import UNMARKED, TakeMark, TakeSync
from tests.plugin.delivery.small_project import clip_at, cut_of, make_take
from tests.plugin.earlier_projects import take_back

RATE = Fraction(25)
CLIP = clip_at(1, 0, 100, RATE)
CUT = cut_of(CLIP, rate=RATE)
TRASHED = TakeMark(trashed_at="2026-01-01T00:00:00+00:00")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "p") as store:
        yield store


def test_marks_are_kept_and_what_says_nothing_is_not(store: Store) -> None:
    (take,) = make_take(store, CUT, CLIP, "hammer", [1.0]).takes
    wav = take.wav
    for mark in (TakeMark("the dry one", is_favourite=True), TRASHED, UNMARKED):
        store.take_marks.set(take.id, mark)
        assert store.take_marks.all() == ({} if mark == UNMARKED else {take.id: mark})
    assert [each.wav for each in store.takes()] == [wav] and store.wav_path(take).exists()
    with Store.open(store.folder, read_only=True) as reader, pytest.raises(ProjectReadOnly):
        reader.take_marks.set(take.id, TRASHED)


def test_a_take_in_the_trash_is_never_meant(store: Store) -> None:
    older = make_take(store, CUT, CLIP, "hammer", [1.0])
    newer = make_take(store, CUT, CLIP, "hammer", [1.0], seed=5, takes=2)
    for take, meant in ((newer.takes[0], 6), (newer.takes[1], 0)):
        store.take_marks.set(take.id, TRASHED)
        assert [each.take.seed for each in meant_takes(store, CUT)] == [meant]
    assert older.takes[0].id not in store.take_marks.trashed()


def test_what_the_engine_measured_is_kept_and_what_it_did_not_is_not(store: Store) -> None:
    job = make_take(store, CUT, CLIP, "hammer", [1.0], takes=3)
    with store._writing():
        for take, f1 in zip(job.takes, (0.9, None, 1.0), strict=True):
            store.take_marks.insert_sync(take.id, f1, None if f1 != 0.9 else 12.5)
    first, _, last = (take.id for take in job.takes)
    assert store.take_marks.sync(first) == TakeSync(0.9, 12.5) and store.take_marks.sync(last + 1) is None
    assert store.take_marks.syncs() == {first: TakeSync(0.9, 12.5), last: TakeSync(1.0, None)}


def project_of_version_4(folder: Path) -> int:
    """A project as the version before left it; its take's id."""
    with Store.open(folder) as store:
        (take,) = make_take(store, CUT, CLIP, "hammer", [1.0]).takes
    take_back(folder, 4)
    return take.id


def test_a_project_of_version_4_is_read_as_it_is_and_added_to_when_written(tmp_path: Path) -> None:
    take_id = project_of_version_4(tmp_path / "old")
    with Store.open(tmp_path / "old", read_only=True) as reader:
        assert reader.take_marks.all() == {} and reader.take_marks.syncs() == {}
        assert reader.take_marks.trashed() == frozenset()
        assert reader.cue_sounds.all() == {}
        assert len(meant_takes(reader, CUT)) == 1
    with Store.open(tmp_path / "old") as store:
        store.take_marks.set(take_id, TakeMark("kept"))
        assert store._db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    with Store.open(tmp_path / "old") as store:
        assert store.take_marks.all() == {take_id: TakeMark("kept")}
