"""Which take of a cue is meant: the chosen one, else the newest; and what people say of cues is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from foley_plugin.jobs.errors import NothingToDo
from foley_plugin.jobs.meant import meant_takes
from foley_plugin.takes.errors import ProjectReadOnly
from foley_plugin.takes.schema import _TABLES, DATABASE_NAME, SCHEMA_VERSION
from foley_plugin.takes.store import Store
from tests.plugin.delivery.small_project import clip_at, cut_of, make_take

RATE = Fraction(25)
CLIPS = [clip_at(1, 0, 100, RATE), clip_at(2, 100, 100, RATE)]
CUT = cut_of(*CLIPS, rate=RATE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "p") as store:
        yield store


def meant(store: Store) -> list[tuple[str, int]]:
    return [(each.take.label, each.take.seed) for each in meant_takes(store, CUT)]


def test_the_newest_jobs_first_take_is_meant(store: Store) -> None:
    make_take(store, CUT, CLIPS[1], "door", [1.0])
    make_take(store, CUT, CLIPS[0], "hammer", [1.0], takes=2)
    make_take(store, CUT, CLIPS[0], "hammer", [1.0], seed=5, takes=2)
    assert meant(store) == [("hammer", 5), ("door", 0)]
    make_take(store, CUT, CLIPS[0], "knock", [1.0], seed=9)
    assert meant(store) == [("knock", 9), ("door", 0)]


def test_a_chosen_take_is_meant_until_the_choice_is_forgotten(store: Store) -> None:
    first = make_take(store, CUT, CLIPS[0], "hammer", [1.0], takes=2)
    make_take(store, CUT, CLIPS[0], "hammer", [1.0], seed=5)
    store.cue_book.choose(first.cue.id, first.takes[1].id)
    assert meant(store) == [("hammer", 1)]
    store.cue_book.choose(first.cue.id, first.takes[0].id)
    assert meant(store) == [("hammer", 0)]
    store.cue_book.forget_choice(first.cue.id)
    assert meant(store) == [("hammer", 5)]


def test_a_cue_that_was_taken_off_is_silent_and_lets_an_earlier_one_be_heard(store: Store) -> None:
    make_take(store, CUT, CLIPS[0], "hammer", [1.0])
    newer = make_take(store, CUT, CLIPS[0], "knock", [1.0])
    store.cue_book.choose(newer.cue.id, None)
    assert meant(store) == [("hammer", 0)]


def test_parts_of_a_clip_that_were_made_are_found(store: Store) -> None:
    make_take(store, CUT, CLIPS[0], "hammer", [0.5], part=(Fraction(1), Fraction(2)))
    make_take(store, CUT, CLIPS[0], "door", [0.5], part=(Fraction(51, 25), Fraction(3)))
    found = meant_takes(store, CUT)
    assert [(each.take.label, each.placement.record_frame) for each in found] == [
        ("hammer", 25),
        ("door", 51),
    ]
    make_take(store, CUT, CLIPS[0], "knock", [0.5])
    assert meant(store) == [("knock", 0)]


def test_a_project_without_takes_for_the_cut_says_so(store: Store) -> None:
    with pytest.raises(NothingToDo, match="foley generate"):
        meant_takes(store, CUT)


def test_notes_are_kept_replaced_and_taken_away(store: Store) -> None:
    cue = store.add_cue("key", media="/x.mov")
    store.cue_book.set_note(cue.id, "softer")
    store.cue_book.set_note(cue.id, "louder")
    with Store.open(store.folder, read_only=True) as reader:
        assert reader.cue_book.notes() == {cue.id: "louder"}
        with pytest.raises(ProjectReadOnly):
            reader.cue_book.set_note(cue.id, "no")
    store.cue_book.set_note(cue.id, "")
    assert store.cue_book.notes() == {}


def project_of_version_1(folder: Path) -> None:
    folder.mkdir()
    connection = sqlite3.connect(folder / DATABASE_NAME)
    connection.executescript(f"{_TABLES}PRAGMA user_version=1;")
    connection.execute("INSERT INTO cues (key, media, label, layer) VALUES ('key', '/x.mov', 'hammer', 0)")
    connection.commit()
    connection.close()


def test_a_project_of_version_1_is_read_as_it_is_and_added_to_when_written(tmp_path: Path) -> None:
    project_of_version_1(tmp_path / "old")
    with Store.open(tmp_path / "old", read_only=True) as reader:
        assert reader.cue_book.notes() == {} and reader.cue_book.chosen() == {}
    with Store.open(tmp_path / "old") as store:
        cue = store.cue("key")
        assert cue is not None and cue.label == "hammer"
        store.cue_book.set_note(cue.id, "kept")
        assert store._db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    with Store.open(tmp_path / "old") as store:
        assert store.cue_book.notes() == {1: "kept"}


def test_an_upgrade_that_breaks_off_leaves_the_project_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from foley_plugin.takes import schema

    project_of_version_1(tmp_path / "old")
    with monkeypatch.context() as broken:
        broken.setitem(schema._STEPS, 2, "CREATE TABLE cue_notes (id); CREATE TABLE cues (id);")
        with pytest.raises(Exception, match="cues already exists"):
            Store.open(tmp_path / "old")
    with Store.open(tmp_path / "old") as store:
        store.cue_book.set_note(1, "still a project")
        assert store.cue_book.notes() == {1: "still a project"}
