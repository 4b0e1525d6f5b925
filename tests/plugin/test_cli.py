"""The `foley` command as a user runs it: a process, its files, its words and its exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from engine.media.audio import read_audio
from foley_plugin.services.demo import LaidOutDemo
from foley_plugin.takes.records import JobState
from foley_plugin.takes.store import Store
from tests.plugin.ways import FoleyHere

FakeEngine = Callable[..., list[str]]
FoleyOf = Callable[..., FoleyHere]
"""The command with an engine of that script."""


class Foley:
    """Runs the command with an engine of the test's choice and folders of its own."""

    def __init__(self, folder: Path, engine: list[str]) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "FOLEY_ENGINE_COMMAND": json.dumps(engine),
            "XDG_STATE_HOME": str(folder / "state"),
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        self.environment.pop("FOLEY_DEBUG", None)

    def __call__(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def command(self, *words: str | Path) -> list[str]:
        return [sys.executable, "-m", "foley_plugin", *map(str, words)]


@pytest.fixture
def foley(tmp_path: Path, fake_engine: FakeEngine) -> Callable[..., Foley]:
    return lambda **script: Foley(tmp_path, fake_engine(**script))


@pytest.fixture
def here(foley_here: FoleyHere, fake_engine: FakeEngine) -> FoleyOf:
    """For what is not about the process: its streams, its signals, its locks."""
    return lambda **script: foley_here.with_engine(fake_engine(**script))


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def is_one_sentence(text: str) -> bool:
    lines = text.strip().splitlines()
    return len(lines) == 1 and "Traceback" not in text and lines[0].endswith((".", "!"))


def test_inspect_lists_the_clips(foley: Callable[..., Foley], demo: LaidOutDemo, tmp_path: Path) -> None:
    done = foley()("inspect", demo.cut, "--json", tmp_path / "i.json")
    assert (done.returncode, done.stderr) == (0, "")
    clips = read_json(tmp_path / "i.json")["clips"]
    assert [set(clip) for clip in clips] == [
        {
            "name",
            "track",
            "index",
            "record_in_s",
            "record_out_s",
            "source_in_s",
            "source_out_s",
            "media",
            "eligible",
            "reason",
        }
    ] * 6
    drip = clips[3]
    assert (drip["track"], drip["index"], drip["eligible"], drip["reason"]) == ("V1", 4, True, None)
    assert drip["record_out_s"] - drip["record_in_s"] == pytest.approx(88 * 1001 / 24000)
    assert drip["source_in_s"] == pytest.approx(30 * 1001 / 24000)
    assert drip["source_out_s"] - drip["source_in_s"] == pytest.approx(44 * 1001 / 24000)
    assert "basin_drip.mov" in done.stdout and "50 %" in done.stdout


def test_generate_writes_takes_timeline_and_json(
    foley: Callable[..., Foley], demo: LaidOutDemo, tmp_path: Path
) -> None:
    words = ("--clip", "V1:2", "--clip", "study_door.mov", "--label", "hammer", "--takes", "2", "--seed", "5")
    places = ("--project", tmp_path / "p", "--to", tmp_path / "out.otio", "--json", tmp_path / "g.json")
    done = foley()("generate", demo.cut, *words, *places)
    assert done.returncode == 0, done.stderr
    report = read_json(tmp_path / "g.json")
    assert report["timeline"] == str(tmp_path / "out.otio")
    takes = report["takes"]
    places_made = [(take["clip"], take["track"], take["index"], take["seed"]) for take in takes]
    assert places_made == [
        ("courtyard_ball.mov", "V1", 2, 5),
        ("courtyard_ball.mov", "V1", 2, 6),
        ("study_door.mov", "V1", 5, 5),
        ("study_door.mov", "V1", 5, 6),
    ]
    assert set(takes[0]) == {
        "cue",
        "clip",
        "track",
        "index",
        "wav",
        "label",
        "seed",
        "duration_s",
        "head_s",
        "tail_s",
        "wall_s",
    }
    with wave.open(takes[0]["wav"]) as file:
        wav_s = file.getnframes() / file.getframerate()
    assert wav_s == pytest.approx(takes[0]["head_s"] + takes[0]["duration_s"] + takes[0]["tail_s"], abs=2e-5)
    timeline = read_json(tmp_path / "out.otio")
    urls = [
        clip["media_references"]["DEFAULT_MEDIA"]["target_url"]
        for track in timeline["tracks"]["children"]
        if track["kind"] == "Audio"
        for clip in track["children"]
        if clip["OTIO_SCHEMA"].startswith("Clip")
    ]
    assert urls == [takes[0]["wav"], takes[2]["wav"]]


def test_hits_from_spot_serve_generate_and_are_measured_against(
    here: FoleyOf, demo: LaidOutDemo, tmp_path: Path
) -> None:
    run = here(spotted=[0.5, 1.0, 99.0])
    assert run("spot", demo.cut, "--clip", "V1:1", "--json", tmp_path / "s.json").returncode == 0
    (clip,) = read_json(tmp_path / "s.json")["clips"]
    assert clip == {
        "name": "workshop_hammer.mov",
        "track": "V1",
        "index": 1,
        "hits": [{"time_s": 0.5, "strength": 0.8}, {"time_s": 1.0, "strength": 0.8}],
    }
    words = ("--clip", "V1:1", "--hits", tmp_path / "s.json", "--project", tmp_path / "p")
    done = run("generate", demo.cut, *words, "--to", tmp_path / "o.otio", "--json", "-")
    assert done.returncode == 0, done.stderr
    assert "No hit of" not in done.stderr
    (take,) = json.loads(done.stdout)["takes"]
    assert take["onset_f1_100ms"] == 0.75
    with Store.open(tmp_path / "p") as store:
        assert [hit.time_s for hit in store.takes()[0].hits] == [0.5, 1.0]


def test_a_film_that_cannot_be_looked_at_costs_the_other_clips_nothing(
    here: FoleyOf, demo: LaidOutDemo, tmp_path: Path
) -> None:
    run = here(spotted=[0.5], unreadable="courtyard_ball")
    clips = ("--clip", "V1:1", "--clip", "V1:2", "--clip", "V1:3")

    looked = run("spot", demo.cut, *clips, "--json", "s.json")
    assert looked.returncode == 1
    assert is_one_sentence(looked.stderr) and looked.stderr.strip().startswith(
        "courtyard_ball.mov: The media file"
    )
    spotted = read_json(tmp_path / "s.json")
    assert [(each["index"], len(each["hits"])) for each in spotted["clips"]] == [(1, 1), (3, 1)]
    assert is_left_out(spotted["left_out"])

    words = (*clips, "--guide", "--label", "hammer", "--project", "p", "--to", "o.otio", "--json", "g.json")
    made = run("generate", demo.cut, *words)
    assert made.returncode == 1 and made.stderr.strip() == looked.stderr.strip()
    report = read_json(tmp_path / "g.json")
    assert len(report["takes"]) == 2 and (tmp_path / "o.otio").is_file()
    assert is_left_out(report["left_out"])


def is_left_out(left_out: list[dict[str, Any]]) -> bool:
    (clip,) = left_out
    return clip["index"] == 2 and "is cut short" in clip["reason"]


@pytest.mark.parametrize("words", [("spot",), ("generate", "--guide", "--project", "p", "--to", "o.otio")])
def test_where_no_film_can_be_looked_at_one_sentence_says_why(
    here: FoleyOf, demo: LaidOutDemo, words: tuple[str, ...]
) -> None:
    command, *options = words
    done = here(unreadable=".mov")(command, demo.cut, "--clip", "V1:2", *options)
    assert done.returncode == 1
    assert is_one_sentence(done.stderr) and done.stderr.strip().startswith("The media file"), done.stderr


@pytest.mark.parametrize("text", ["", "# none yet\n", "1e308\n", "-0.5 1\n", "[]"])
def test_hits_of_which_none_lies_in_the_clip_are_told(
    here: FoleyOf, demo: LaidOutDemo, tmp_path: Path, text: str
) -> None:
    (tmp_path / "hits.txt").write_text(text)
    words = ("--clip", "V1:1", "--label", "hammer", "--hits", "hits.txt", "--project", "p")
    done = here()("generate", demo.cut, *words, "--to", tmp_path / "o.otio")
    assert done.returncode == 0, done.stderr
    assert "No hit of hits.txt lies in the clip V1:1; times count from the clip's start" in done.stdout


def test_the_demo_makes_everything(here: FoleyOf, tmp_path: Path) -> None:
    done = here()("demo", "--out", tmp_path / "my demo", "--json", tmp_path / "d.json")
    assert done.returncode == 0, done.stderr
    report = read_json(tmp_path / "d.json")
    assert len(report["takes"]) == 6
    assert all(take["onset_f1_100ms"] == 0.75 for take in report["takes"])
    assert Path(report["timeline"]) == tmp_path / "my demo" / "cut_foley.otio"
    for words in ("workshop_hammer.mov", "footstep_wood", "real-time", "onset F1"):
        assert words in done.stdout
    with av.open(str(tmp_path / "my demo" / "demo.mp4")) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        assert video.frames == 76 + 84 + 80 + 88 + 74 + 66
        assert audio.codec_context.name == "aac"
    sound = read_audio(tmp_path / "my demo" / "demo.mp4", 48000)
    hit = round(0.5 * 48000)  # where the fake engine puts its first click
    assert abs(sound[hit : hit + 1400]).max() > 0.2
    assert abs(sound[hit - 9600 : hit - 2400]).max() < 0.02


def test_nothing_is_overwritten_by_a_second_run(here: FoleyOf, demo: LaidOutDemo, tmp_path: Path) -> None:
    run = here()
    cut = tmp_path / "cut.otio"
    text = demo.cut.read_text()
    for clip in demo.truth.clips:
        text = text.replace(
            f'"target_url": "{clip.name}"', f'"target_url": "{(demo.folder / clip.name).as_posix()}"'
        )
    cut.write_text(text)
    for number in range(2):
        done = run("generate", cut, "--clip", "V1:1", "--json", tmp_path / f"{number}.json")
        assert done.returncode == 0, done.stderr
    first, second = (read_json(tmp_path / f"{number}.json") for number in range(2))
    assert first["timeline"] == str(tmp_path / "cut_foley.otio")
    assert second["timeline"] == str(tmp_path / "cut_foley_2.otio")
    assert first["takes"][0]["cue"] == second["takes"][0]["cue"]
    assert first["takes"][0]["wav"] != second["takes"][0]["wav"]
    assert Path(first["takes"][0]["wav"]).parent == tmp_path / "cut.foley" / "takes"
    assert cut.read_text() == text


def test_clips_without_usable_media_are_named_by_what_leaves_them_out(
    here: FoleyOf, demo: LaidOutDemo, tmp_path: Path
) -> None:
    text = demo.cut.read_text()
    for clip in demo.truth.clips:
        place = (demo.folder / clip.name).as_posix()
        text = text.replace(f'"target_url": "{clip.name}"', f'"target_url": "{place}"')
    folder = demo.folder.as_posix()
    text = text.replace(f"{folder}/courtyard_ball.mov", "gone.mov")
    (tmp_path / "cut.otio").write_text(text)
    run = here(spotted=[0.5])
    limits = ("--out", "01:00:06:00", "--json", "told.json")
    for words in (("spot", "cut.otio"), ("generate", "cut.otio", "--label", "hammer")):
        done = run(*words, *limits)
        assert done.returncode == 0, done.stderr
        report = read_json(tmp_path / "told.json")
        (left,) = report["left_out"]
        assert (left["clip"], left["track"], left["index"]) == ("courtyard_ball.mov", "V1", 2)
        assert "is offline" in left["reason"] and f"left out  {left['reason']}" in done.stdout
        assert [each["index"] for each in report.get("takes") or report["clips"]] == [1]


@pytest.mark.parametrize(
    "words",
    [
        ("inspect", "no such.otio"),
        ("generate", "CUT", "--clip", "no such clip"),
        ("generate", "CUT", "--in", "25:99"),
        ("generate", "CUT", "--clip", "V1:1", "--hits", "no such file"),
        ("generate", "CUT", "--hits", "one.txt"),
        ("generate", "CUT", "--clip", "V1:1", "--to", "taken.otio"),
        ("generate", "CUT", "--clip", "V1:1", "--project", "taken.otio"),
        ("spot", "CUT", "--clip", "V9:1"),
        ("demo", "--out", "taken.otio"),
        ("inspect", "CUT", "--json", "no/such/folder.json"),
    ],
)
def test_the_users_errors_end_in_one_sentence(
    here: FoleyOf, demo: LaidOutDemo, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "one.txt").write_text("0.5 1.0\n")
    (tmp_path / "taken.otio").write_text("mine")
    done = here()(*(str(demo.cut) if word == "CUT" else word for word in words))
    assert done.returncode == 1
    assert is_one_sentence(done.stderr), done.stderr
    assert (tmp_path / "taken.otio").read_text() == "mine"


@pytest.mark.parametrize(
    "words",
    [
        ("generate",),
        ("fly",),
        ("inspect", "a", "--takes"),
        ("generate", "a", "--takes", "0"),
        ("generate", "a", "--seed", str(2**63 - 31)),
        ("vary", "a", "1", "--seed", str(2**63)),
    ],
)
def test_wrong_usage_ends_with_two(here: FoleyOf, words: tuple[str, ...]) -> None:
    done = here()(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and "Usage" in done.stderr


def test_an_engine_that_cannot_load_is_told_once(
    foley: Callable[..., Foley], demo: LaidOutDemo, tmp_path: Path
) -> None:
    run = foley(fail_to_load="There is no model in this folder.")
    done = run("generate", demo.cut, "--project", tmp_path / "p", "--to", tmp_path / "o.otio")
    assert (done.returncode, done.stderr.strip()) == (1, "There is no model in this folder.")
    assert not (tmp_path / "o.otio").exists()


def test_a_dead_engine_leaves_a_timeline_with_what_was_finished(
    foley: Callable[..., Foley], demo: LaidOutDemo, tmp_path: Path
) -> None:
    run = foley(die_in_take=1, die_once_marker=str(tmp_path / "died"))
    words = ("--clip", "V1:1", "--clip", "V1:2", "--project", tmp_path / "p", "--to", tmp_path / "o.otio")
    done = run("generate", demo.cut, *words, "--json", tmp_path / "g.json")
    assert done.returncode == 1
    assert is_one_sentence(done.stderr) and "courtyard_ball.mov" in done.stderr
    report = read_json(tmp_path / "g.json")
    assert [take["clip"] for take in report["takes"]] == ["workshop_hammer.mov"]
    assert Path(report["timeline"]).exists()


def test_a_project_in_use_is_refused_with_its_holder(
    foley: Callable[..., Foley], demo: LaidOutDemo, tmp_path: Path
) -> None:
    with Store.open(tmp_path / "p"):
        done = foley()(
            "generate", demo.cut, "--clip", "V1:1", "--project", tmp_path / "p", "--to", tmp_path / "o.otio"
        )
    assert done.returncode == 1
    assert is_one_sentence(done.stderr) and str(os.getpid()) in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a child cannot be sent Ctrl-C alone on Windows")
def test_ctrl_c_keeps_finished_takes(foley: Callable[..., Foley], demo: LaidOutDemo, tmp_path: Path) -> None:
    run = foley(step_s=0.15)
    words = ("--clip", "V1:1", "--takes", "20", "--project", tmp_path / "p", "--to", tmp_path / "o.otio")
    process = subprocess.Popen(
        run.command("generate", demo.cut, *words),
        cwd=tmp_path,
        env=run.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    deadline_s = time.monotonic() + 60
    while len(list((tmp_path / "p").glob("takes/*.wav"))) < 2 and time.monotonic() < deadline_s:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert is_one_sentence(errors) and "kept" in errors
    assert not (tmp_path / "o.otio").exists()
    with Store.open(tmp_path / "p", read_only=True) as store:
        wavs = {path.name for path in (tmp_path / "p" / "takes").glob("*.wav")}
        assert {Path(take.wav).name for take in store.takes()} == wavs and 2 <= len(wavs) < 20
        assert [job.state for job in store.jobs()] == [JobState.CANCELLED]


def test_a_fault_of_ours_is_a_sentence_and_with_debug_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from foley_plugin import cli

    def fault(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by\nzero")

    monkeypatch.setattr(cli, "open_cut", fault)
    monkeypatch.setattr(sys, "argv", ["foley", "inspect", "a.otio"])
    for debug in (False, True):
        monkeypatch.setenv("FOLEY_DEBUG", "1" if debug else "")
        with pytest.raises(SystemExit) as ended:
            cli.main()
        errors = capsys.readouterr().err
        assert ended.value.code == 1
        assert "division by zero" in errors
        assert ("Traceback" in errors) == debug


def test_the_engines_commands_get_their_arguments_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from foley_plugin import cli

    calls: list[list[str]] = []
    monkeypatch.setattr(cli, "run_engine_command", lambda words: calls.append(list(words)) or 3)
    monkeypatch.setattr(sys, "argv", ["foley", "evaluate", "sync", "--json", "x.json", "--help"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert calls == [["evaluate", "sync", "--json", "x.json", "--help"]]
    assert ended.value.code == 3


def test_foley_alone_opens_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    from foley_plugin import cli

    calls: list[list[str]] = []
    monkeypatch.setattr(cli, "run_panel", lambda words: calls.append(list(words)) or 0)
    for words in ([], ["panel", "my cut.otio"]):
        monkeypatch.setattr(sys, "argv", ["foley", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
    assert calls == [[], ["my cut.otio"]]


def test_the_command_line_imports_no_qt_no_torch_no_timeline_library() -> None:
    code = "import foley_plugin.cli, sys; print([m for m in sys.modules])"
    names = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    ).stdout
    for name in ("PyQt6", "torch", "opentimelineio", "av", "numpy", "encodec"):
        assert f"'{name}'" not in names
