"""The project folder: what is kept, what survives a crash, who may write."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import platform
import sqlite3
from contextlib import nullcontext, suppress
from pathlib import Path

import msgspec
import psutil
import pytest

from engine.protocol import Generate, Hit, Picture, Span, Take
from foley_plugin.takes import schema
from foley_plugin.takes.errors import ProjectError, ProjectLocked, ProjectReadOnly, ProjectTooNew, TakeMissing
from foley_plugin.takes.lock import LOCK_NAME, Holder, read_holder
from foley_plugin.takes.names import slug, take_name
from foley_plugin.takes.records import JobState, Spotting
from foley_plugin.takes.schema import DATABASE_NAME
from foley_plugin.takes.store import INTERRUPTED_SENTENCE, Store

PICTURE = Picture(media="/x.mov", spans=[Span(duration=(2, 1), source_start=(0, 1))])


def a_request(wav: Path) -> Generate:
    return Generate(id=0, picture=PICTURE, wav_paths=[str(wav)], num_samples=96000)


def landed(wav: Path, seed: int = 0) -> Take:
    wav.write_bytes(b"sound of " + wav.name.encode())
    return Take(
        id=1,
        take=0,
        wav=str(wav),
        label="hammer",
        seed=seed,
        hits=[Hit(0.5, 0.9)],
        wall_s=1.5,
        peak_dbfs=-3.0,
        sha256=hashlib.sha256(wav.read_bytes()).hexdigest(),
        recipe={"model_sha256": "ab", "threads": 2},
    )


def test_a_take_with_its_recipe_is_there_after_reopening(tmp_path: Path) -> None:
    with Store.open(tmp_path / "p") as store:
        cue = store.add_cue("key", media="/x.mov", label="hammer")
        (wav,) = store.reserve_wavs("shot 3.mov", "hammer", 1)
        job = store.add_job(cue.id, a_request(wav))
        store.add_take(cue.id, job.id, landed(wav, seed=4))
        store.set_job_state(job.id, JobState.FINISHED)
    with Store.open(tmp_path / "p") as store:
        (take,) = store.takes(cue.id)
        assert take.recipe == {"model_sha256": "ab", "threads": 2}
        assert take.hits == [Hit(0.5, 0.9)]
        assert store.wav_path(take) == wav
        assert store.next_seed(cue.id) == 5
        (stored,) = store.jobs()
        assert stored.state is JobState.FINISHED
        assert msgspec.json.decode(stored.request, type=Generate) == a_request(wav)


def test_names_of_takes_are_readable_ascii_and_never_reused(tmp_path: Path) -> None:
    with Store.open(tmp_path / "p") as store:
        first = store.reserve_wavs("Café shot 3.mov", "door (wood)", 2)
    with Store.open(tmp_path / "p") as store:
        second = store.reserve_wavs("Café shot 3.mov", "door (wood)", 2)
    names = [path.name for path in first + second]
    assert names[0] == "Cafe-shot-3_door-wood_0001.wav"
    assert len(set(names)) == 4
    assert all(name.isascii() and " " not in name for name in names)


def test_a_take_is_found_by_the_number_in_its_name(tmp_path: Path) -> None:
    """Numbers are spent on takes that never land and on copies too, so they are not the rows' own."""
    with Store.open(tmp_path / "p") as store:
        cue = store.add_cue("key", media="/x.mov", label="hammer")
        wavs = store.reserve_wavs("shot 3.mov", "hammer", 6)
        job = store.add_job(cue.id, a_request(wavs[0]))
        for wav in (wavs[0], wavs[5], wavs[2]):
            store.add_take(cue.id, job.id, landed(wav))
        for wanted in ("3", "0003", "shot-3_hammer_0003", "shot-3_hammer_0003.wav", str(wavs[2])):
            assert store.wav_path(store.find_take(wanted)) == wavs[2]
        assert store.wav_path(store.find_take("6")) == wavs[5]
        for wanted in ("2", "0", "-3", "", "three"):
            with pytest.raises(TakeMissing):
                store.find_take(wanted)


def test_a_file_in_the_way_costs_its_name(tmp_path: Path) -> None:
    with Store.open(tmp_path / "p") as store:
        (tmp_path / "p" / "takes" / "clip_foley_0001.wav").write_bytes(b"mine")
        (path,) = store.reserve_wavs("clip", None, 1)
        assert path.name == "clip_foley_0002.wav"


def test_names_made_of_nothing_sayable_still_are_names() -> None:
    assert take_name("日本語", "???", 12) == "clip_foley_0012.wav"
    assert take_name("CON", None, 1) == "CON_foley_0001.wav"
    assert len(slug("x" * 500)) <= 32


@pytest.mark.parametrize("harm", ["absent", "short"])
def test_a_take_whose_wav_did_not_land_is_not_stored(tmp_path: Path, harm: str) -> None:
    with Store.open(tmp_path / "p") as store:
        cue = store.add_cue("key", media="/x.mov")
        (wav,) = store.reserve_wavs("clip", None, 1)
        job = store.add_job(cue.id, a_request(wav))
        take = landed(wav)
        wav.unlink() if harm == "absent" else wav.write_bytes(b"short")
        with pytest.raises(TakeMissing):
            store.add_take(cue.id, job.id, take)
        assert store.takes() == []


def test_a_take_outside_the_project_is_not_stored(tmp_path: Path) -> None:
    with Store.open(tmp_path / "p") as store:
        cue = store.add_cue("key", media="/x.mov")
        job = store.add_job(cue.id, a_request(tmp_path / "else.wav"))
        with pytest.raises(TakeMissing):
            store.add_take(cue.id, job.id, landed(tmp_path / "else.wav"))


def test_one_cue_a_key_and_its_spotting_is_kept(tmp_path: Path) -> None:
    spotting = Spotting(hits=[Hit(0.25, 0.5)], curve=[0.0, 1.0], by_hand=True)
    with Store.open(tmp_path / "p") as store:
        cue = store.add_cue("key", media="/x.mov")
        store.set_spotting(cue.id, spotting)
        assert store.add_cue("key", media="/x.mov").id == cue.id
    with Store.open(tmp_path / "p") as store:
        found = store.cue("key")
        assert found is not None and found.spotting == spotting
        assert store.cue("other") is None


def test_every_version_of_the_cut_is_copied_once(tmp_path: Path) -> None:
    cut = tmp_path / "my cut.otio"
    with Store.open(tmp_path / "p") as store:
        for content in ("one", "one", "two"):
            cut.write_text(content)
            store.add_cut(cut)
        versions = store.cuts()
        contents = [(store.folder / version.copy).read_text() for version in versions]
    assert contents == ["one", "one", "two"]
    assert versions[0].copy == versions[1].copy != versions[2].copy


def _die_while_working(folder: str) -> None:
    store = Store.open(Path(folder))
    cue = store.add_cue("key", media="/x.mov")
    first, second = store.reserve_wavs("clip", None, 2)
    job = store.add_job(cue.id, a_request(first))
    store.set_job_state(job.id, JobState.RUNNING)
    store.add_take(cue.id, job.id, landed(first))
    second.write_bytes(b"half a ta")
    os._exit(9)


def test_after_a_crash_finished_takes_are_there_and_jobs_are_marked(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(
        target=_die_while_working, args=(str(tmp_path / "p"),)
    )
    process.start()
    process.join()
    assert process.exitcode == 9
    with Store.open(tmp_path / "p") as store:
        assert len(store.takes()) == 1
        (job,) = store.jobs()
        assert (job.state, job.sentence) == (JobState.INTERRUPTED, INTERRUPTED_SENTENCE)
        (path,) = store.reserve_wavs("clip", None, 1)
        assert path.name == "clip_foley_0003.wav"


def _hold(folder: str, pipe: object) -> None:
    with Store.open(Path(folder)):
        pipe.send("held")  # type: ignore[attr-defined]
        pipe.recv()  # type: ignore[attr-defined]


def test_a_second_process_is_told_who_holds_the_project_and_may_read(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_hold, args=(str(tmp_path / "p"), theirs))
    process.start()
    assert ours.recv() == "held"
    try:
        with pytest.raises(ProjectLocked) as caught:
            Store.open(tmp_path / "p")
        assert str(process.pid) in caught.value.sentence and platform.node() in caught.value.sentence
        with Store.open(tmp_path / "p", read_only=True) as store:
            assert store.takes() == []
            with pytest.raises(ProjectReadOnly):
                store.add_cue("key", media="/x.mov")
    finally:
        ours.send("go")
        process.join()
    with Store.open(tmp_path / "p"):
        pass


def _write_lock(folder: Path, **changes: object) -> None:
    folder.mkdir(exist_ok=True)
    holder = Holder(
        "t", os.getpid(), psutil.Process().create_time(), platform.node(), "ann", "2026-01-01 10:00"
    )
    (folder / LOCK_NAME).write_bytes(msgspec.json.encode(msgspec.structs.replace(holder, **changes)))


@pytest.mark.parametrize("changes", [{"pid": 2**22 + 1}, {"process_started_s": 1.0}])
def test_the_lock_of_a_process_that_is_gone_is_taken_over(tmp_path: Path, changes: dict[str, object]) -> None:
    _write_lock(tmp_path / "p", **changes)
    with Store.open(tmp_path / "p"):
        holder = read_holder(tmp_path / "p" / LOCK_NAME)
        assert holder is not None and holder.token != "t"
    assert list((tmp_path / "p").glob(LOCK_NAME + "*")) == []


def test_a_lock_from_another_computer_is_believed(tmp_path: Path) -> None:
    _write_lock(tmp_path / "p", host="suite-2", pid=2**22 + 1)
    with pytest.raises(ProjectLocked, match="ann on suite-2"):
        Store.open(tmp_path / "p")


def test_a_half_written_lock_does_not_block_for_ever(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / LOCK_NAME).write_bytes(b'{"tok')
    with Store.open(tmp_path / "p"):
        pass


def test_a_project_of_a_later_version_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path / "p").close()
    with sqlite3.connect(tmp_path / "p" / DATABASE_NAME) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(ProjectTooNew):
        Store.open(tmp_path / "p")
    assert not (tmp_path / "p" / LOCK_NAME).exists()


def test_a_file_that_is_no_database_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / DATABASE_NAME).write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(ProjectError, match="cannot be opened"):
        Store.open(tmp_path / "p")


def test_a_reader_never_meets_a_project_without_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    num_refused = 0
    take_step = schema._take_step

    def read_before_and_after(connection: sqlite3.Connection, number: int) -> None:
        nonlocal num_refused
        for step in (lambda: None, lambda: take_step(connection, number)):
            step()
            with pytest.raises(ProjectError, match="no project"):
                Store.open(tmp_path / "p", read_only=True)
            num_refused += 1

    monkeypatch.setattr(schema, "_take_step", read_before_and_after)
    with Store.open(tmp_path / "p"), Store.open(tmp_path / "p", read_only=True) as reader:
        assert reader.jobs() == [] and reader.takes() == []
    assert num_refused == 2 * schema.SCHEMA_VERSION
    assert [path.name for path in (tmp_path / "p").iterdir() if path.is_file()] == [DATABASE_NAME]


def test_what_a_crash_left_of_a_project_in_the_making_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / DATABASE_NAME).touch()  # earlier versions made the tables in place
    (tmp_path / "p" / "foley.new").write_text("half")
    with pytest.raises(ProjectError, match="no project"):
        Store.open(tmp_path / "p", read_only=True)
    with Store.open(tmp_path / "p") as store:
        assert store.jobs() == []
    (tmp_path / "p" / DATABASE_NAME).unlink()
    with Store.open(tmp_path / "p") as store:
        assert store.jobs() == []
    assert not (tmp_path / "p" / "foley.new").exists()


def test_a_folder_that_cannot_be_made_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="--project"):
        Store.open(tmp_path / "file" / "p")


def test_the_database_is_safe_on_network_volumes(tmp_path: Path) -> None:
    with Store.open(tmp_path / "p") as store:
        database = store._db
        assert database.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
        assert database.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_what_is_changed_together_is_kept_or_taken_back_as_one(tmp_path: Path) -> None:
    with Store.open(tmp_path / "p") as store:
        with store.together():
            first = store.add_cue("one", media="a.mov")
            store.cue_book.set_note(first.id, "kept")
        with pytest.raises(ZeroDivisionError), store.together():
            store.add_cue("two", media="a.mov")
            _ = 1 // 0
        with store.together():
            with pytest.raises(ProjectError):  # one part of it fails, the others stand
                store.cue_book.set_note(99, "of no cue")
            store.add_cue("three", media="a.mov")
    with Store.open(tmp_path / "p") as store:
        assert [cue.key for cue in store.cues()] == ["one", "three"]
        assert list(store.cue_book.notes().values()) == ["kept"]


@pytest.mark.parametrize("is_within", [False, True])
def test_a_full_disk_is_told_as_it_is_and_the_project_can_be_written_afterwards(
    tmp_path: Path, is_within: bool
) -> None:
    spotting = Spotting([Hit(0.5, 0.9)] * 20_000)
    with Store.open(tmp_path / "p") as store:
        cue = store.add_cue("key", media="/x.mov")
        store._db.execute("PRAGMA max_page_count = 64")
        with (
            pytest.raises(ProjectError, match="disk is full\\)"),
            store.together() if is_within else nullcontext(),
        ):
            store.set_spotting(cue.id, spotting)
        assert not store._db.in_transaction
        with pytest.raises(ProjectError, match="disk is full\\)"), store.together():
            with suppress(ProjectError):
                store.set_spotting(cue.id, spotting)
            with suppress(ProjectError):
                store.set_spotting(cue.id, Spotting([]))
        assert store.cues()[0].spotting is None, "all of it or nothing"
        store._db.execute("PRAGMA max_page_count = 100000")
        store.set_spotting(cue.id, spotting)
    with Store.open(tmp_path / "p") as store:
        assert store.cues()[0].spotting == spotting
