"""`foley watch` as a process beside an editor that drops timelines, with the scripted engine."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest

from foley_plugin.jobs.generate import Wish
from foley_plugin.services.batch import Stop
from foley_plugin.services.hand_back import read_hand_backs
from foley_plugin.services.making import Making
from foley_plugin.services.watching.inbox import Inbox
from foley_plugin.services.watching.watch import Watch, WatchFailed, _pulse, _settled, watched
from foley_plugin.takes.store import Store
from tests.plugin.ways import Foley, FoleyHere, cut_of, film, is_one_sentence, write_cut
from tests.timeline.building import saved

FakeEngine = Callable[..., list[str]]
LABELS = ["hammer", "cloth", "wood"]
QUICK = ("--settle", "0.3")
PATIENCE_S = 60.0

on_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="a child cannot be sent Ctrl-C alone on Windows"
)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    return film(tmp_path, Fraction(24))


@contextmanager
def watching(foley: Foley, *words: str | Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        foley.command("watch", *words),
        env=foley.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(is_so: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert process.poll() is None and time.monotonic() < deadline_s, "the watch did nothing"
        time.sleep(0.05)


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, errors


def takes_of(written: Path) -> list[str]:
    timeline = json.loads(written.read_text(encoding="utf-8"))
    return [
        clip["media_references"]["DEFAULT_MEDIA"]["target_url"]
        for track in timeline["tracks"]["children"]
        if track["kind"] == "Audio"
        for clip in track["children"]
        if clip["OTIO_SCHEMA"].startswith("Clip")
    ]


@on_posix
def test_a_timeline_in_is_foley_out_and_a_broken_one_ends_nothing(
    tmp_path: Path, exports: Path, movie: Path, fake_engine: FakeEngine
) -> None:
    foley = Foley(tmp_path, fake_engine())
    write_cut(tmp_path, movie, name="ready.otio")
    with watching(foley, exports, "--label", "hammer", *QUICK) as process:
        until((exports / "foley" / ".watch" / "foley.lock").exists, process)
        (exports / "a_broken.otio").write_text('{"OTIO_SCHEMA": "Timeline.1", "tracks"')
        (tmp_path / "ready.otio").rename(exports / "cut_v1.otio")
        written = exports / "foley" / "cut_v1_foley.otio"
        until(written.exists, process)
        status, out, errors = end(process)
    assert status == 130
    assert "a_broken.otio" in errors.splitlines()[0] and len(errors.strip().splitlines()) == 2
    assert str(written) in out
    wavs = takes_of(written)
    assert len(wavs) == 2 and all(Path(wav).parent == exports / "foley" / "takes" for wav in wavs)
    assert sorted(path.name for path in exports.iterdir()) == ["a_broken.otio", "cut_v1.otio", "foley"]


@pytest.mark.minutes
def test_a_restart_makes_nothing_again_and_a_new_version_only_what_is_new(
    exports: Path, movie: Path, fake_engine: FakeEngine, foley_here: FoleyHere
) -> None:
    engine = fake_engine()
    write_cut(exports, movie, name="cut_v1.otio")
    first = foley_here("watch", exports, "--once", *QUICK, engine=engine)
    assert first.returncode == 0, first.stderr
    written = exports / "foley" / "cut_v1_foley.otio"
    assert len(takes_of(written)) == 2

    again = foley_here("watch", exports, "--once", *QUICK)
    assert again.returncode == 0 and "there" in again.stdout
    assert [path.name for path in (exports / "foley").glob("*.otio")] == ["cut_v1_foley.otio"]

    for name, first, num_kept, num_takes in (("v2", 80, 2, 2), ("v3", 0, 1, 3)):
        changed = cut_of(movie, 24.0)
        changed["tracks"]["children"][0]["children"][2]["source_range"]["start_time"]["value"] = first
        saved(changed, exports, f"cut_{name}.otio")
        done = foley_here("watch", exports, "--once", *QUICK)
        assert done.returncode == 0, done.stderr
        newer = takes_of(exports / "foley" / f"cut_{name}_foley.otio")
        assert len(set(newer) & set(takes_of(written))) == num_kept, "ten frames lie within the handles"
        with Store.open(exports / "foley", read_only=True) as store:
            assert len(store.takes()) == num_takes


def stored_labels(project: Path) -> list[str]:
    with Store.open(project, read_only=True) as store:
        return [take.label for take in store.takes()]


def test_takes_of_other_labels_and_layers_stay_in_a_new_version(
    exports: Path, movie: Path, fake_engine: FakeEngine, foley_here: FoleyHere
) -> None:
    project = exports / "foley"
    cut = write_cut(exports, movie, name="cut_v1.otio")
    words = ("--project", project, "--to", project / "made.otio")
    done = foley_here("generate", cut, "--label", "hammer,cloth", *words, engine=fake_engine(labels=LABELS))
    assert done.returncode == 0, done.stderr
    made = sorted(takes_of(project / "made.otio"))
    assert len(made) == 4

    changed = cut_of(movie, 24.0)
    changed["tracks"]["children"][0]["children"][2]["source_range"]["start_time"]["value"] = 80
    saved(changed, exports, "cut_v2.otio")
    done = foley_here("watch", exports, "--once", *QUICK)
    assert done.returncode == 0, done.stderr
    assert sorted(stored_labels(project)) == ["cloth", "cloth", "hammer", "hammer"], "nothing is made again"
    assert sorted(takes_of(project / "cut_v2_foley.otio")) == made

    done = foley_here("watch", exports, "--once", "--label", "wood", *QUICK)
    assert done.returncode == 0, done.stderr
    assert sorted(set(stored_labels(project))) == ["cloth", "hammer", "wood"]
    newer = takes_of(project / "cut_v2_foley_2.otio")
    assert sorted(Path(wav).stem.split("_")[1] for wav in newer) == ["cloth", "cloth", "wood", "wood"]

    done = foley_here("watch", exports, "--once", "--label", "hammer,cloth", *QUICK)
    assert done.returncode == 0 and done.stdout.count("there") == 1, (
        "what was written of v2 without a label serves"
    )


def test_another_timeline_of_the_same_file_is_not_there_already(
    exports: Path, movie: Path, fake_engine: FakeEngine, foley_here: FoleyHere
) -> None:
    whole, shorter = cut_of(movie, 24.0, name="whole"), cut_of(movie, 24.0, name="shorter")
    del shorter["tracks"]["children"][0]["children"][1:]
    several = {"OTIO_SCHEMA": "SerializableCollection.1", "name": "reels", "children": [whole, shorter]}
    saved(several, exports, "reels.otio")
    for name, num_takes in (("whole", 2), ("shorter", 1)):
        words = ("watch", exports, "--once", "--sequence", name, *QUICK)
        done = foley_here(*words, engine=fake_engine())
        assert done.returncode == 0 and "there" not in done.stdout, done.stderr
        newest = next(read_hand_backs(exports / "foley"))
        assert sum(len(track.clips) for track in newest.tracks) == num_takes
        assert "there" in foley_here(*words).stdout


def test_a_cut_that_was_served_in_part_is_served_when_its_film_is_back(
    tmp_path: Path, exports: Path, movie: Path, fake_engine: FakeEngine, foley_here: FoleyHere
) -> None:
    other = film(tmp_path, Fraction(24), "other.mov")
    changed = cut_of(movie, 24.0)
    changed["tracks"]["children"][0]["children"][2]["media_references"]["DEFAULT_MEDIA"]["target_url"] = str(
        other
    )
    saved(changed, exports, "cut.otio")
    other.rename(tmp_path / "away.mov")
    words = ("watch", exports, "--once", *QUICK)
    done = foley_here(*words, engine=fake_engine())
    assert done.returncode == 0, done.stderr
    assert "left out" in done.stdout and len(takes_of(exports / "foley" / "cut_foley.otio")) == 1
    again = foley_here(*words)
    assert "there" in again.stdout and "left out" in again.stdout

    (tmp_path / "away.mov").rename(other)
    done = foley_here(*words)
    assert done.returncode == 0 and "left out" not in done.stdout, done.stderr
    assert len(takes_of(exports / "foley" / "cut_foley_2.otio")) == 2
    assert len(stored_labels(exports / "foley")) == 2
    assert "there" in foley_here(*words).stdout


def test_what_foley_wrote_of_the_project_is_no_input_whatever_its_name(
    exports: Path, movie: Path, fake_engine: FakeEngine, foley_here: FoleyHere
) -> None:
    cut = write_cut(exports, movie)
    words = ("--project", exports / "foley", "--to", exports / "mix.otio")
    done = foley_here("generate", cut, *words, engine=fake_engine())
    assert done.returncode == 0, done.stderr
    done = foley_here("watch", exports, "--once", *QUICK)
    assert done.returncode == 0 and done.stdout.count("there") == 1, done.stderr
    assert not list((exports / "foley").glob("*.otio"))


@pytest.mark.parametrize("mix", ["mix.otio", "mix.xml"])
def test_what_foley_wrote_of_other_projects_is_no_input_and_told(
    tmp_path: Path, exports: Path, movie: Path, fake_engine: FakeEngine, foley_here: FoleyHere, mix: str
) -> None:
    """OpenTimelineIO's files say so themselves, wherever their project is; others are known by projects beside them."""
    cut = write_cut(tmp_path, movie)
    project = tmp_path if mix.endswith(".otio") else exports
    words = ("--clip", "V1:1", "--project", project / "other.foley", "--to", exports / mix)
    done = foley_here("generate", cut, *words, engine=fake_engine())
    assert done.returncode == 0, done.stderr
    done = foley_here("watch", exports, "--once", *QUICK)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    assert line.startswith("passed") and str(exports / mix) in line
    assert not list((exports / "foley").glob("*.otio"))


def test_a_sound_that_the_model_does_not_know_is_told_of_the_cut_and_nothing_is_made(
    exports: Path, movie: Path, fake_engine: FakeEngine, foley_here: FoleyHere
) -> None:
    write_cut(exports, movie)
    words = ("watch", exports, "--once", "--label", "hammer, clth", *QUICK)
    done = foley_here(*words, engine=fake_engine())
    assert done.returncode == 1 and is_one_sentence(done.stderr), done.stderr
    assert done.stderr.startswith("cut.otio: ") and "“clth”" in done.stderr
    assert not list((exports / "foley").glob("*.otio")) and stored_labels(exports / "foley") == []


def test_another_label_is_not_there_already(
    exports: Path, movie: Path, fake_engine: FakeEngine, foley_here: FoleyHere
) -> None:
    write_cut(exports, movie)
    words = ("watch", exports, "--once", *QUICK)
    for label, number in (("hammer", ""), ("cloth", "_2")):
        done = foley_here(*words, "--label", label, engine=fake_engine(labels=LABELS))
        assert done.returncode == 0 and "there" not in done.stdout, done.stderr
        assert all(f"_{label}_" in wav for wav in takes_of(exports / "foley" / f"cut_foley{number}.otio"))
    done = foley_here(*words, "--label", "hammer")
    assert "cut_foley.otio" in done.stdout and "there" in done.stdout


@on_posix
def test_a_cut_waits_for_its_project_and_is_told_once(
    tmp_path: Path, exports: Path, movie: Path, fake_engine: FakeEngine
) -> None:
    write_cut(tmp_path, movie, name="ready.otio")
    written = exports / "foley" / "cut_foley.otio"
    with watching(Foley(tmp_path, fake_engine()), exports, *QUICK) as process:
        until((exports / "foley" / ".watch" / "foley.lock").exists, process)
        with Store.open(exports / "foley"):
            (tmp_path / "ready.otio").rename(exports / "cut.otio")
            time.sleep(5)
        assert not written.exists()
        until(written.exists, process)
        _, _, errors = end(process)
    (told,) = [line for line in errors.splitlines() if line.startswith("cut.otio")]
    assert str(exports / "foley") in told


@on_posix
def test_ctrl_c_keeps_the_take_in_the_making_and_the_next_watch_goes_on_from_there(
    tmp_path: Path, exports: Path, movie: Path, fake_engine: FakeEngine, foley_here: FoleyHere
) -> None:
    write_cut(exports, movie)
    with watching(Foley(tmp_path, fake_engine(step_s=0.4)), exports, "--takes", "5", *QUICK) as process:
        until((exports / "foley" / "foley.db").exists, process)
        until(lambda: _running(exports / "foley"), process)
        status, _, errors = end(process)
    assert status == 130 and is_one_sentence(errors) and "kept" in errors
    with Store.open(exports / "foley", read_only=True) as store:
        assert len(store.takes()) == 1
    assert not list((exports / "foley").glob("*.otio"))
    assert not (exports / "foley" / ".watch" / "foley.lock").exists()

    done = foley_here("watch", exports, "--once", *QUICK, engine=fake_engine())
    assert done.returncode == 0, done.stderr
    assert len(takes_of(exports / "foley" / "cut_foley.otio")) == 2
    with Store.open(exports / "foley", read_only=True) as store:
        assert len(store.takes()) == 2


def _running(project: Path) -> bool:
    with Store.open(project, read_only=True) as store:
        return any(job.state == "running" for job in store.jobs())


@on_posix
def test_a_second_watch_on_the_folder_is_refused(
    tmp_path: Path, exports: Path, fake_engine: FakeEngine, foley_here: FoleyHere
) -> None:
    with watching(Foley(tmp_path, fake_engine()), exports) as process:
        until((exports / "foley" / ".watch" / "foley.lock").exists, process)
        done = foley_here("watch", exports, "--project", tmp_path / "other", "--once")
        assert done.returncode == 1 and is_one_sentence(done.stderr)
        assert str(process.pid) in done.stderr and "already" in done.stderr
        process.kill()
        process.wait()
    done = foley_here("watch", exports, "--once")
    assert done.returncode == 0, "a watch that was killed is no hindrance"


def test_what_cannot_be_watched_is_told(
    tmp_path: Path, exports: Path, movie: Path, fake_engine: FakeEngine, foley_here: FoleyHere
) -> None:
    done = foley_here("watch", tmp_path / "nowhere")
    assert done.returncode == 1 and is_one_sentence(done.stderr)
    write_cut(exports, movie)
    engine = fake_engine(fail_to_load="There is no model in this folder.")
    done = foley_here("watch", exports, "--once", *QUICK, engine=engine)
    assert (done.returncode, done.stderr.strip()) == (1, "cut.otio: There is no model in this folder.")
    assert not list((exports / "foley").glob("*.otio"))
    assert sorted(os.listdir(exports)) == ["cut.otio", "foley"]


@pytest.mark.parametrize("poll_s", [None, 0.1], ids=["news", "polling"])
def test_a_new_file_is_heard_of_at_once_or_by_the_clock(exports: Path, poll_s: float | None) -> None:
    pulse = _pulse(Watch(exports, Wish(), poll_s=poll_s))
    assert next(pulse) is False
    (exports / "cut.otio").write_text("x")
    assert any(itertools.islice(pulse, 40))


def test_after_a_stop_nothing_more_is_begun(exports: Path) -> None:
    (exports / "cut.otio").write_text("x")
    stop = Stop()
    stop.is_set = True

    def make(*_: object) -> Making:
        raise AssertionError("foley is made after the stop")

    assert list(watched(Watch(exports, Wish(), settle_s=0.0, is_once=True), make, stop)) == []


def test_a_folder_that_goes_away_ends_the_watch_in_a_sentence(exports: Path) -> None:
    inbox = Inbox(exports, 0.1)
    exports.rmdir()
    with pytest.raises(WatchFailed, match="cannot be read any more"):
        _settled(inbox, Watch(exports, Wish()))
