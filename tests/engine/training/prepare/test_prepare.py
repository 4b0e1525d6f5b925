"""Whole sets: the same bytes whoever makes them and however often the making is broken off."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.errors import CheckpointNotFound
from engine.training.prepare.film import make_clip
from engine.training.prepare.listing import list_csv, list_folder
from engine.training.prepare.manifest import DataError, ShardRecord, read_manifest, read_record
from engine.training.prepare.processes import Processes
from engine.training.prepare.run import Preparation, Progress, prepare
from engine.training.prepare.tools import Tools, open_codec
from engine.training.prepare.work import Job, ShardDone, ShardWork, make_shard, note_file
from engine.training.prepared import PreparedSet
from engine.training.state import write_state
from engine.visual.tower import ImageTower
from tests.engine.models import write_tiny_model
from tests.engine.training.prepare.films import IN_TURN, bytes_of, write_clips, write_film, write_tools

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepare")
    write_clips(folder / "clips")
    return folder


@pytest.fixture(scope="module")
def preparation(place: Path) -> Preparation:
    return write_tools(place / "tools")


@pytest.fixture(scope="module")
def whole(place: Path, preparation: Preparation) -> Path:
    """The set as one process makes it without a break."""
    prepare(list_folder(place / "clips"), place / "whole", preparation, IN_TURN)
    return place / "whole"


def command(place: Path, out: Path, *more: str) -> list[str]:
    return [
        *(sys.executable, "-m", "engine.cli", "data", "prepare", str(place / "clips"), "--out", str(out)),
        *("--codec", str(place / "tools" / "codec"), "--encoder", f"tower:{place / 'tools' / 'model'}"),
        *("--shard-size", "2", *more),
    ]


def test_a_set_says_what_it_is_made_of_and_what_is_broken(whole: Path) -> None:
    manifest = read_manifest(whole)
    assert (manifest.num_clips, manifest.num_pieces, len(manifest.shards)) == (5, 6, 3)
    assert [clip.name for clip in manifest.broken] == ["rain/d.mkv"]
    assert "rain/d.mkv has no sound" in manifest.broken[0].reason
    assert manifest.plan.labels == ("knock", "rain") and manifest.plan.split == "train"
    assert manifest.pieces_per_label == {"": 1, "knock": 2, "rain": 3}
    assert manifest.hits_from == {"file": 1, "sound": 4}
    record = read_record(whole / "shard-00001.json", ShardRecord)
    assert [(clip.name, clip.hits_from, clip.label) for clip in record.clips] == [
        ("knock/b.mp4", "sound", "knock"),
        ("knock/c.mkv", "file", "rain"),
    ]
    assert not (whole / ".work").exists()


def test_what_is_read_is_what_was_made(whole: Path, place: Path, preparation: Preparation) -> None:
    tools = Tools.open(preparation.codec, preparation.encoder, "cpu")
    listing = list_folder(place / "clips")
    corpus = PreparedSet(whole)
    expected = [
        (piece.clip, clip.label)
        for clip in listing.clips
        if clip.path is not None and clip.name != "rain/d.mkv"
        for piece in make_clip(Path(clip.path), tools, preparation.features_per_s).pieces
    ]
    assert len(corpus) == len(expected) == 6
    for number in (5, 0, 3, 1, 4, 2, -1):
        read, (made, label) = corpus[number], expected[number]
        np.testing.assert_array_equal(read.codes, made.codes)
        np.testing.assert_array_equal(read.features, made.features)
        assert read.curve is not None and made.curve is not None
        np.testing.assert_array_equal(read.curve, made.curve)
        assert read.label == (None if label is None else corpus.labels.index(label))
        times_s = [hit.time_s for hit in read.hits]
        assert times_s == pytest.approx([hit.time_s for hit in made.hits], abs=1e-6)
        assert read.codes.dtype == np.int16 and read.features_per_s == 2 and read.prompt is None
    assert len(corpus[1:3]) == 2
    with pytest.raises(IndexError):
        corpus[6]
    again = pickle.loads(pickle.dumps(corpus))
    np.testing.assert_array_equal(again[2].codes, corpus[2].codes)
    assert len(pickle.dumps(corpus)) < 20000, "the set travels as its folder, not as its contents"


def test_two_workers_make_the_bytes_that_one_makes(
    whole: Path, place: Path, preparation: Preparation, tmp_path: Path
) -> None:
    told: list[Progress] = []
    prepare(
        list_folder(place / "clips"), tmp_path / "two", preparation, Processes(2), on_progress=told.append
    )
    assert bytes_of(tmp_path / "two") == bytes_of(whole)
    assert told[0].done == 0 and told[-1] == Progress(6, 6, 1)


def test_a_run_that_is_killed_goes_on_and_ends_in_the_same_bytes(
    whole: Path, place: Path, preparation: Preparation, tmp_path: Path
) -> None:
    out = tmp_path / "killed"
    running = subprocess.Popen(command(place, out, "--workers", "1"), cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait_for(out / "shard-00000.json", running)
        workers = psutil.Process(running.pid).children(recursive=True)
    finally:
        running.kill()
        running.wait()
    assert workers and psutil.wait_procs(workers, timeout=30)[1] == [], "no worker outlives its parent"
    stamp = (out / "shard-00000.safetensors").stat().st_mtime_ns
    assert not (out / "manifest.json").exists()
    with pytest.raises(DataError, match="not finished"):
        PreparedSet(out)
    (out / "shard-00001.json").unlink(missing_ok=True)  # however far it came, there is something left to do
    prepare(list_folder(place / "clips"), out, preparation, IN_TURN)
    assert (out / "shard-00000.safetensors").stat().st_mtime_ns == stamp
    assert bytes_of(out) == bytes_of(whole)


def wait_for(path: Path, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert running.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_cluster_makes_the_bytes_that_one_process_makes(whole: Path, place: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: run uv sync")
    out = tmp_path / "ray"
    done = subprocess.run(
        command(place, out, "--on", "ray", "--workers", "2"), cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "5 clips in 6 pieces" in done.stdout and "1 broken" in done.stdout
    assert bytes_of(out) == bytes_of(whole)


ENDLESS = """
import sys, time
if "multiprocessing" in " ".join(sys.orig_argv):
    import engine.training.prepare.work as work
    make = work.make_clip
    work.make_clip = lambda path, *rest: time.sleep(600) if path.name == "endless.mkv" else make(path, *rest)
"""


def test_a_film_that_takes_its_process_down_is_found_and_listed(
    whole: Path, tmp_path: Path, preparation: Preparation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note says that one process has died at it before; the watchdog ends the second, a third goes past it."""
    for name in ("a.mkv", "endless.mkv"):
        write_film(tmp_path / "clips" / name)
    listing = list_folder(tmp_path / "clips")
    (tmp_path / "sitecustomize.py").write_text(ENDLESS, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    note = note_file(tmp_path, 0)
    note.parent.mkdir()
    note.write_text('{"at": 1, "tries": {"1": 1}}', encoding="utf-8")
    plan = read_manifest(whole).plan
    job = Job(str(tmp_path), str(preparation.codec), preparation.encoder, plan, clip_timeout_s=1.0)
    done = [each for each in Processes(1).run(job, [ShardWork(0, listing.clips)]) if each is not None]
    assert done == [ShardDone(0, num_clips=2, num_broken=1)]
    record = read_record(tmp_path / "shard-00000.json", ShardRecord)
    assert [clip.name for clip in record.clips] == ["a.mkv"]
    assert [clip.name for clip in record.broken] == ["endless.mkv"]
    assert "dies, or takes for ever" in record.broken[0].reason and not note.exists()


def test_a_clip_is_tried_again_after_one_death_and_not_after_two(
    whole: Path, place: Path, preparation: Preparation, tmp_path: Path
) -> None:
    job = Job(str(tmp_path), str(preparation.codec), preparation.encoder, read_manifest(whole).plan, 60.0)
    work = ShardWork(0, list_folder(place / "clips").clips[:2])
    (tmp_path / ".work").mkdir()
    for deaths, broken in ((1, 0), (2, 1)):
        note_file(tmp_path, 0).write_text(f'{{"at": 0, "tries": {{"0": {deaths}}}}}', encoding="utf-8")
        assert make_shard(job, work).num_broken == broken


def test_ctrl_c_leaves_a_set_that_goes_on(
    whole: Path, place: Path, preparation: Preparation, tmp_path: Path
) -> None:
    class Interrupted:
        def run(self, job, work):  # type: ignore[no-untyped-def]
            yield next(IN_TURN.run(job, work))
            raise KeyboardInterrupt

    out, listing = tmp_path / "stopped", list_folder(place / "clips")
    with pytest.raises(KeyboardInterrupt):
        prepare(listing, out, preparation, Interrupted())
    assert (out / "shard-00000.json").exists() and not (out / "shard-00001.json").exists()
    prepare(listing, out, preparation, IN_TURN)
    assert bytes_of(out) == bytes_of(whole)


def test_another_codec_other_clips_or_options_are_refused_in_one_sentence(
    whole: Path, place: Path, preparation: Preparation, tmp_path: Path
) -> None:
    listing = list_folder(place / "clips")
    other = write_tools(tmp_path / "tools")
    state = {"step": 1, "codec": open_codec(other.codec).state_dict()}
    state["codec"]["quantizer.embed"] += 0.25
    write_state(tmp_path / "other", {**state, "config": open_codec(other.codec).config})
    before = bytes_of(whole)
    for wanted, words in (
        (replace(preparation, features_per_s=1), "another features per s:"),
        (replace(preparation, shard_size=3), "another shard size:"),
        (replace(preparation, codec=tmp_path / "other"), "another codec:"),
    ):
        with pytest.raises(DataError, match=words):
            prepare(listing, whole, wanted, IN_TURN)
    fewer = replace(listing, clips=listing.clips[1:])
    with pytest.raises(DataError, match="another clips, number of clips: give the same"):
        prepare(fewer, whole, preparation, IN_TURN)
    assert bytes_of(whole) == before


def as_begun_before_framing_was_said(out: Path) -> None:
    """What a set's plan was until then."""
    plan = msgspec.json.decode((out / "plan.json").read_bytes())
    del plan["encoder"]["framing"]
    (out / "plan.json").write_bytes(msgspec.json.encode(plan))
    (out / "manifest.json").unlink()


def test_a_set_whose_pictures_were_framed_otherwise_does_not_go_on(
    place: Path, preparation: Preparation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stretched = ImageTower.describe
    monkeypatch.setattr(
        ImageTower, "describe", lambda tower: msgspec.structs.replace(stretched(tower), fit="crop")
    )
    listing = list_folder(place / "clips" / "knock")
    prepare(listing, tmp_path, preparation, IN_TURN)
    as_begun_before_framing_was_said(tmp_path)
    with pytest.raises(
        DataError, match="begun with another framing of the pictures: give the same, or another"
    ):
        prepare(listing, tmp_path, preparation, IN_TURN)


def test_a_set_whose_pictures_are_stretched_goes_on_whenever_it_was_begun(
    whole: Path, place: Path, preparation: Preparation, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    as_begun_before_framing_was_said(copy)
    begun = (copy / "plan.json").read_bytes()
    prepare(list_folder(place / "clips"), copy, preparation, IN_TURN)
    assert {**bytes_of(copy), "plan.json": b""} == {**bytes_of(whole), "plan.json": b""}
    assert (copy / "plan.json").read_bytes() == begun


def test_damage_is_found(whole: Path, place: Path, preparation: Preparation, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    shard = copy / "shard-00002.safetensors"
    content = bytearray(shard.read_bytes())
    content[-20] ^= 1
    shard.write_bytes(content)
    with pytest.raises(DataError, match=r"shard-00002\.safetensors is damaged"):
        PreparedSet(copy)
    checked = CliRunner().invoke(app, ["data", "check", str(copy), "--json", str(tmp_path / "m.json")])
    assert checked.exit_code == 1 and "damaged: shard-00002.safetensors" in checked.stderr
    assert "broken: rain/d.mkv" in checked.stdout and "3  rain" in checked.stdout
    assert msgspec.json.decode((tmp_path / "m.json").read_bytes())["num_pieces"] == 6
    shard.unlink()
    prepare(list_folder(place / "clips"), copy, preparation, IN_TURN)
    assert bytes_of(copy) == bytes_of(whole)


def test_a_codec_that_cannot_encode_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointNotFound, match="no codec in"):
        open_codec(tmp_path)
    write_tiny_model(tmp_path / "model")
    with pytest.raises(CheckpointNotFound, match=r"only its codec's decoder: give .* training run"):
        open_codec(tmp_path / "model")
    write_state(tmp_path, {"step": 1, "lm": {}})
    with pytest.raises(CheckpointNotFound, match="not a codec's"):
        open_codec(tmp_path)


def test_a_second_run_mends_a_damaged_shard(
    whole: Path, place: Path, preparation: Preparation, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    shard = copy / "shard-00001.safetensors"
    content = bytearray(shard.read_bytes())
    content[-20] ^= 1
    shard.write_bytes(content)
    prepare(list_folder(place / "clips"), copy, preparation, IN_TURN)
    assert bytes_of(copy) == bytes_of(whole)


def test_a_set_without_a_clip_is_said_to_have_none_and_its_mended_film_is_tried_again(
    preparation: Preparation, tmp_path: Path
) -> None:
    film = tmp_path / "clips" / "a.mkv"
    film.parent.mkdir()
    film.write_bytes(b"no film")
    with pytest.raises(DataError, match=r"None of 1 clips can be used: `foley data check .*a\.mkv"):
        prepare(list_folder(film.parent), tmp_path / "set", preparation, IN_TURN)
    film.unlink()
    mended = write_film(tmp_path / "older.mkv")
    os.utime(mended, (1, 1))
    mended.rename(film)
    manifest = prepare(list_folder(film.parent), tmp_path / "set", preparation, IN_TURN)
    assert (manifest.num_clips, manifest.broken) == (1, ())
    write_film(film, duration_s=3.0)
    again = prepare(list_folder(film.parent), tmp_path / "set", preparation, IN_TURN)
    assert again.duration_s > manifest.duration_s


def test_a_listed_film_that_is_found_later_is_made_however_old_it_is(
    preparation: Preparation, tmp_path: Path
) -> None:
    """As where the folder of films was named wrongly the first time."""
    (tmp_path / "elsewhere").mkdir()
    films = tmp_path / "films"
    films.mkdir()
    write_film(films / "abc_000001.mkv")
    rows = tmp_path / "list.csv"
    rows.write_text("abc,1,knock,train\n")
    with pytest.raises(DataError, match="There is no film called abc_000001"):
        prepare(list_csv(rows, tmp_path / "elsewhere"), tmp_path / "set", preparation, IN_TURN)
    manifest = prepare(list_csv(rows, films), tmp_path / "set", preparation, IN_TURN)
    assert (manifest.num_clips, manifest.broken) == (1, ())
