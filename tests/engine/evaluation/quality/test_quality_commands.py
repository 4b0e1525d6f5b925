"""The commands, from a folder of recordings to the files that they write."""

from __future__ import annotations

import base64
import csv
import io
import re
from pathlib import Path

import msgspec
import pytest
import soundfile
from typer.testing import CliRunner

from engine.cli.evaluate import evaluate
from engine.errors import CheckpointCorrupt, RequestError
from engine.evaluation.quality.bench import QUICK
from engine.evaluation.quality.examples import Example
from engine.evaluation.quality.page import write_takes
from engine.evaluation.quality.report import QualityReport
from engine.evaluation.spotting import SpottingFigures
from engine.evaluation.sync import SyncReport
from engine.training.card import CARD_FILE, write_card
from engine.training.recordings import read_library
from tests.engine.evaluation.quality.benches import RATE, strike
from tests.engine.models import write_tiny_model
from tests.engine.training.synthetic import placed


def knocks_in(folder: Path, count: int) -> Path:
    """Knocks of so many sources."""
    fields = ["path", "class", "recording_id", "author", "licence", "licence_text", "source_repo"]
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(fields)
        for number in range(count):
            soundfile.write(folder / f"{number}.wav", placed(0.7, [0.1], strike(number)), RATE)
            rows.writerow([f"{number}.wav", "knock", f"made:{number}", "nobody", "cc0", "CC0", "nowhere"])
    return folder


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five knocks of five sources, of which one is held out."""
    return knocks_in(tmp_path_factory.mktemp("sounds"), 5)


def test_default_writes_figures_card_sheet_and_page(sounds: Path, tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "model")
    out = tmp_path / "out"
    words = ["default", "--sounds", str(sounds), "--model", str(tmp_path / "model"), "--out", str(out)]
    done = CliRunner().invoke(
        evaluate,
        [
            *words,
            "--quick",
            "--only",
            "family,memorisation",
            "--threads",
            "1",
            "--takes",
            str(tmp_path / "takes.html"),
        ],
    )
    assert done.exit_code == 0, done.output
    assert {"quality.json", "quality.md", "sheet.png", "index.html", "media"} == {
        p.name for p in out.iterdir()
    }
    assert "data:audio/flac" in (tmp_path / "takes.html").read_text(encoding="utf-8")
    report = msgspec.json.decode((out / "quality.json").read_bytes(), type=QualityReport)
    assert list(report.took_s) == ["family", "memorisation"]
    assert "Family named right" in done.output


@pytest.fixture(scope="module")
def many_sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Knocks of as many sources as it takes until scenes can be drawn of those that are held out."""
    return knocks_in(tmp_path_factory.mktemp("many"), 12)


def test_default_makes_the_two_tables_of_the_card_too(many_sounds: Path, tmp_path: Path) -> None:
    model, out = tmp_path / "model", tmp_path / "out"
    write_tiny_model(model)
    words = ["default", "--sounds", str(many_sounds), "--model", str(model), "--out", str(out), "--no-page"]
    done = CliRunner().invoke(evaluate, [*words, "--quick", "--only", "codec", "--tables", "--threads", "1"])
    assert done.exit_code == 0, done.output
    sync = msgspec.json.decode((out / "sync.json").read_bytes(), type=SyncReport)
    spotter = msgspec.json.decode((out / "spotter.json").read_bytes(), type=SpottingFigures)
    assert sync.num_scenes == QUICK.sync_scenes and spotter.scenes.num_scenes == QUICK.table_scenes
    assert "generated from spotted hits" in done.output and "people who walk" in done.output


def test_the_page_to_ship_has_takes_in_it_and_no_recording(tmp_path: Path) -> None:
    knock = placed(1.6, [0.1], strike(1))
    report = QualityReport("model", "00", "int8", "plain", 1, 0, QUICK, [], {}, {})
    write_takes(report, [Example("impacts", "knock", real=knock, made=0.5 * knock)], tmp_path / "takes.html")
    html = (tmp_path / "takes.html").read_text(encoding="utf-8")
    sounds = re.findall(r'src="data:audio/flac;base64,([^"]+)"', html)
    assert len(sounds) == html.count("<audio") == 1 and "knock, generated" in html
    heard, _ = soundfile.read(io.BytesIO(base64.b64decode(sounds[0])), dtype="float32")
    assert heard == pytest.approx(0.5 * knock, abs=1e-4)


def test_codec_measures_one_that_encodes(sounds: Path, tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "model", encodes=True)
    words = ["codec", "--codec", str(tmp_path / "model"), "--sounds", str(sounds), "--threads", "1"]
    done = CliRunner().invoke(evaluate, [*words, "--json", str(tmp_path / "codec.json")])
    assert done.exit_code == 0, done.output
    assert "Codec: spectral flatness off by: " in done.output
    written = (tmp_path / "codec.json").read_bytes()
    assert b'"codec-high-band"' in written and b'"codec-hits"' in written


@pytest.mark.parametrize("command", ["sync", "drift"])
def test_recordings_of_which_none_is_held_out_are_refused_with_a_sentence(
    command: str, sounds: Path, tmp_path: Path
) -> None:
    rows = (sounds / "manifest.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "manifest.csv").write_text("".join(rows[:2]), encoding="utf-8")
    (tmp_path / "0.wav").write_bytes((sounds / "0.wav").read_bytes())
    done = CliRunner().invoke(evaluate, [command, "--sounds", str(tmp_path)])
    assert isinstance(done.exception, RequestError) and "held out" in done.exception.sentence


def test_the_card_takes_figures_of_its_own_weights_alone(sounds: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    write_tiny_model(model)
    out = tmp_path / "out"
    words = ["default", "--sounds", str(sounds), "--model", str(model), "--out", str(out), "--no-page"]
    assert CliRunner().invoke(evaluate, [*words, "--only", "codec", "--threads", "1"]).exit_code == 0
    (tmp_path / "training.txt").write_text("Not at all.", encoding="utf-8")
    sync, spotter = (tmp_path / name for name in ("sync.json", "spotter.json"))
    figures = [{"tolerance_ms": 50, "f1": 0.5, "shuffled": 0.1, "chance": 0.1}]
    rows = dict.fromkeys(("detector", "spotter", "given_hits", "spotted_hits"), figures)
    sync.write_bytes(msgspec.json.encode({"num_scenes": 1, "seed": 0, "cfg_scale": 3.0, **rows}))
    by_ms = {name: {"50": 0.5} for name in ("mean_f1", "mean_chance_f1", "mean_baseline_f1")}
    numbers = dict.fromkeys(
        ("pooled_f1_100ms", "precision_100ms", "recall_100ms", "offset_s", "curve_error"), 0.5
    )
    spotted = {"num_scenes": 1, **by_ms, **numbers}
    rendered = dict.fromkeys(("scenes", "handled", "strided"), spotted)
    spotter.write_bytes(msgspec.json.encode({**rendered, "films": []}))
    told = {"sync": sync, "spotter": spotter, "training": tmp_path / "training.txt"}
    write_card(model, read_library(sounds), **told, quality=out / "quality.json")
    card = (model / CARD_FILE).read_text("utf-8")
    assert "| Codec: spectral flatness off by | not measured |" in card
    assert "Sound is 16 kHz inside and holds nothing above 8 kHz." in card
    assert "takes.html" not in card
    (model / "takes.html").write_text("<!doctype html>", encoding="utf-8")
    write_card(model, read_library(sounds), **told)
    assert "- [takes.html](takes.html): takes to hear" in (model / CARD_FILE).read_text("utf-8")
    write_tiny_model(model, seed=1)
    with pytest.raises(CheckpointCorrupt, match="other weights"):
        write_card(model, read_library(sounds), **told, quality=out / "quality.json")
