"""The whole report, from films and folders of samples to the table, the JSON and the page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from engine.checkpoints import CONFIG_FILE
from engine.cli.evaluate import evaluate as evaluate_commands
from engine.errors import RequestError
from engine.evaluation.clips import find_films
from engine.evaluation.kept_samples import RECIPE_FILE
from engine.evaluation.measuring import evaluate
from engine.evaluation.metrics import About, ClipMetric, Measured, MetricSettings
from engine.evaluation.metrics.registry import metrics_of
from engine.evaluation.report import Figure, MetricResult, Report
from engine.evaluation.reporting import PAGE_FILE, REPORT_FILE, make_report
from engine.evaluation.samples import System, parse_samples, reference, sample_folder
from engine.evaluation.tables import as_table, notes
from engine.media.audio import read_audio, write_wav
from engine.protocol import Sampling
from tests.engine.evaluation.films import HITS_S, write_films
from tests.engine.models import write_tiny_model

NASTY = '<img src=x onerror="alert(1)"> & co'
FAMILIES = ("onset-f1", "av-align", "envelope", "level")
LATE_S = 0.15


def by_name(report: Report) -> dict[str, MetricResult]:
    return {result.about.name: result for result in report.metrics}


def mean(report: Report, metric: str, system: str) -> float:
    figure = by_name(report)[metric].figures[system].mean
    assert figure is not None
    return figure.value


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_films(tmp_path_factory.mktemp("evaluation") / "clips")


@pytest.fixture(scope="module")
def systems(films: list[Path]) -> list[System]:
    """The truth and three that fail in a known way: late, silent, and full of holes."""
    folder = films[0].parent.parent
    for name in ("late", "silent", "holes"):
        (folder / name).mkdir()
    for film in films:
        wav = read_audio(film, 16000)
        late = np.concatenate([np.zeros(round(LATE_S * 16000)), wav])
        write_wav(folder / "late" / f"{film.stem}.wav", late, 16000)
        write_wav(folder / "silent" / f"{film.stem}.flac", np.zeros(wav.size), 16000)
    write_wav(folder / "holes" / "a knock.wav", read_audio(films[0], 16000)[:24000], 16000)
    (folder / "holes" / "c.wav").write_bytes(b"no sound at all")
    return [
        reference(),
        sample_folder("late", folder / "late"),
        sample_folder("silent", folder / "silent"),
        sample_folder(NASTY, folder / "holes"),
    ]


class Sulking(ClipMetric):
    """One that cannot be measured."""

    @property
    def about(self) -> About:
        return About("sulk", "Sulk", "", "lower", "None.")

    def available(self) -> str:
        return "its <weights> are not there."

    def measure(self, sample: object, clip: object) -> Measured:
        raise AssertionError("it was said to be unavailable")


class MeanLevel:
    """A metric of sets that can be worked out by hand: the difference of mean absolute samples."""

    about = About("mean-level", "Mean level", "", "lower", "By hand.", least=0.0)
    resamples = 20

    def available(self) -> None:
        return None

    def embed(self, sound) -> np.ndarray:  # type: ignore[no-untyped-def]
        return np.array([[np.abs(sound.wav).mean()]])

    def value(self, samples: Sequence[np.ndarray], references: Sequence[np.ndarray]) -> float:
        return abs(float(np.concatenate(samples).mean() - np.concatenate(references).mean()))

    def remark(self, samples: object, references: object) -> str:
        return "few windows"


@pytest.fixture(scope="module")
def out(films: list[Path], systems: list[System]) -> Path:
    folder = films[0].parent.parent / "out"
    metrics = [*metrics_of(FAMILIES, MetricSettings()), MeanLevel(), Sulking()]
    make_report(films, systems, metrics, folder, num_players=3, settings={"clips": NASTY})
    return folder


@pytest.fixture(scope="module")
def report(out: Path) -> Report:
    return msgspec.json.decode((out / REPORT_FILE).read_bytes(), type=Report)


def test_the_films_own_sound_is_the_ceiling_and_beats_its_shuffled_self(report: Report) -> None:
    figure = by_name(report)["onset-f1-100ms"].figures["reference"]
    assert figure.mean is not None and figure.shuffled is not None and figure.chance is not None
    assert figure.mean.value == 1.0
    assert figure.shuffled.value < 0.6 and figure.chance < 0.6
    assert mean(report, "e-l1", "reference") == 0
    assert mean(report, "envelope-correlation", "reference") == pytest.approx(1)
    assert mean(report, "av-align", "reference") > mean(report, "av-align", "silent")


def test_a_late_system_is_late_by_as_much_as_it_is(report: Report) -> None:
    assert mean(report, "envelope-offset", "late") == pytest.approx(1000 * LATE_S, abs=5)
    assert mean(report, "onset-f1-100ms", "late") < 0.2
    assert mean(report, "onset-f1-200ms", "late") > 0.8
    [difference] = [
        each
        for each in by_name(report)["onset-f1-200ms"].differences
        if (each.first, each.second) == ("late", "silent")
    ]
    assert difference.num_clips == len(HITS_S)
    assert difference.interval.low is not None and difference.interval.low > 0


def test_silence_has_values_where_it_can_and_is_undefined_where_not(report: Report) -> None:
    assert mean(report, "onset-f1-100ms", "silent") == 0
    correlation = by_name(report)["envelope-correlation"].figures["silent"]
    assert (correlation.mean, correlation.undefined) == (None, len(HITS_S))


def test_what_is_missing_broken_or_of_another_length_is_listed(report: Report) -> None:
    late, holes = (next(s for s in report.systems if s.name == name) for name in ("late", NASTY))
    assert (late.lengths.equal, late.lengths.longer) == (0, len(HITS_S))
    assert (holes.num_measured, holes.missing) == (1, ["Bé", "d"])
    assert [each.name for each in holes.broken] == ["c"]
    assert (holes.lengths.shorter, holes.lengths.most_missing_s) == (1, pytest.approx(0.5, abs=0.02))
    said = "\n".join(notes(report))
    assert "2 samples missing: Bé, d" in said and "Sulk: not measured: its <weights>" in said


def test_a_metric_of_sets_is_the_value_of_all_and_the_reference_is_two_halves_of_itself(
    report: Report, films: list[Path]
) -> None:
    figures = by_name(report)["mean-level"].figures
    levels = [np.abs(read_audio(film, 16000)[:32000]).mean() for film in films]
    assert figures["silent"].mean is not None
    assert figures["silent"].mean.value == pytest.approx(np.mean(levels), rel=0.01)
    assert figures["silent"].mean.low is not None
    assert figures["late"].mean is not None and figures["late"].mean.low == 0  # a distance ends at 0
    assert figures["silent"].remark == "few windows"
    assert "two halves" in str(figures["reference"].remark)


def test_figures_agree_with_the_values_beside_them(report: Report) -> None:
    result = by_name(report)["onset-f1-40ms"]
    for name, figure in result.figures.items():
        values = [each.value for each in result.values[name].values() if each.value is not None]
        assert figure.mean is not None and figure.mean.value == pytest.approx(np.mean(values))
        if figure.pooled is not None:
            weights = [each.weight for each in result.values[name].values()]
            assert figure.pooled.value == pytest.approx(np.average(values, weights=weights))


def test_the_same_report_twice_has_the_same_numbers(
    report: Report, films: list[Path], systems: list[System]
) -> None:
    again = evaluate(films, systems[:2], metrics_of(["onset-f1"], MetricSettings()))
    assert by_name(again)["onset-f1-40ms"].figures["late"] == by_name(report)["onset-f1-40ms"].figures["late"]


class Page(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_whole_and_all_that_it_names_is_there(out: Path) -> None:
    page = Page((out / PAGE_FILE).read_text(encoding="utf-8"))
    assert page.open == []
    films = [attributes["src"] for tag, attributes in page.tags if tag == "video"]
    assert len(films) == 3 + 3 + 3 + 1  # a row without a sample for a clip has no player
    for film in films:
        with av.open(str(out / str(film))) as container:
            assert container.streams.video and container.streams.audio
            assert container.duration / av.time_base == pytest.approx(2, abs=0.1)
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(images) == len(films)
    assert all(str(image["src"]).startswith("data:image/png;base64,") and image["alt"] for image in images)
    anchors = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    links = {str(attributes["href"])[1:] for tag, attributes in page.tags if tag == "a"}
    assert links <= anchors
    assert "not measured: its <weights> are not there." in page.text


def test_what_users_wrote_stays_text(out: Path) -> None:
    text = (out / PAGE_FILE).read_text(encoding="utf-8")
    page = Page(text)
    assert NASTY in page.text
    assert "<img src=x" not in text
    assert not any("onerror" in attributes for _, attributes in page.tags)


def test_the_terminals_table_has_a_column_a_system_and_a_row_a_metric(report: Report) -> None:
    console = Console(file=StringIO(), width=240)
    console.print(as_table(report))
    said = console.file.getvalue()  # type: ignore[attr-defined]
    for name in ("reference", "late", "silent", "Onset F1, 40 ms", "AV-Align", "E-L1", "shuffled", "chance"):
        assert name in said
    assert NASTY.split()[0] in said


def test_a_second_start_keeps_the_players_and_replaces_the_page(
    out: Path, films: list[Path], systems: list[System]
) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in (out / "media").iterdir()}
    make_report(films, systems, metrics_of(["level"], MetricSettings()), out, num_players=3)
    after = {path.name: path.stat().st_mtime_ns for path in (out / "media").iterdir()}
    assert before == after
    assert "Onset F1" not in (out / PAGE_FILE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "guidance 3, top-k 9, temperature 1.1, drafts 1"),
        (("--top-k", "4", "--drafts", "2"), "guidance 3, top-k 4, temperature 1.1, drafts 2"),
    ],
)
def test_the_report_draws_as_each_model_says_unless_told_otherwise(
    films: list[Path], tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    record = write_tiny_model(tmp_path / "tiny")
    record = msgspec.structs.replace(record, sampling=Sampling(3.0, 9, 1.1, drafts=1))
    (tmp_path / "tiny" / CONFIG_FILE).write_bytes(msgspec.json.encode(record))
    (tmp_path / "clips").mkdir()
    for film in films[:2]:
        shutil.copy(film, tmp_path / "clips")
    places = (tmp_path / "clips", "--out", tmp_path / "out", "--model", tmp_path / "tiny")
    asked = ("report", *map(str, places), "--metrics", "onset-f1", "--players", "0", "--threads", "1")
    done = CliRunner().invoke(evaluate_commands, [*asked, *words])
    assert done.exit_code == 0, done.output
    report = msgspec.json.decode((tmp_path / "out" / REPORT_FILE).read_bytes(), type=Report)
    assert next(system for system in report.systems if system.name == "tiny").facts["sampling"] == told
    noted = json.loads((tmp_path / "out" / "samples" / "tiny" / RECIPE_FILE).read_bytes())
    drawn = msgspec.convert(noted["request"]["sampling"], Sampling)
    assert drawn.steady_cooling == Sampling().steady_cooling and f"top-k {drawn.top_k}," in told


def test_options_that_make_no_sense_are_refused_in_a_sentence(tmp_path: Path, films: list[Path]) -> None:
    with pytest.raises(RequestError, match="NAME=DIR"):
        parse_samples(["nothing"])
    with pytest.raises(RequestError, match="is not there"):
        parse_samples([f"x={tmp_path / 'none'}"])
    with pytest.raises(RequestError, match="holds no sound"):
        parse_samples([f"x={tmp_path}"])
    write_wav(tmp_path / "stranger.wav", np.zeros(9000), 16000)
    with pytest.raises(RequestError, match="'reference'"):
        parse_samples([f"reference={tmp_path}"])
    metrics = metrics_of(["level"], MetricSettings())
    with pytest.raises(RequestError, match="name each sample after its film"):
        evaluate(films, [reference(), *parse_samples([f"x={tmp_path}"])], metrics)
    with pytest.raises(RequestError, match="two test clips or more"):
        evaluate(films[:1], [reference()], metrics)


def test_a_broken_film_is_left_out_and_said(tmp_path: Path) -> None:
    films = write_films(tmp_path / "clips")
    (tmp_path / "clips" / "broken.mp4").write_bytes(b"nothing")
    report = evaluate(find_films(tmp_path / "clips"), [reference()], metrics_of(["level"], MetricSettings()))
    assert [each.name for each in report.left_out] == ["broken.mp4"]
    assert len(report.clips) == len(films)
    assert by_name(report)["peak"].figures["reference"] != Figure(None)


def test_the_command_writes_the_report_and_says_where(
    films: list[Path], systems: list[System], tmp_path: Path
) -> None:
    from typer.testing import CliRunner

    from engine.cli import app

    write_tiny_model(tmp_path / "tiny")
    out = tmp_path / "out"
    words = ["evaluate", "report", str(films[0].parent), "--out", str(out), "--model", str(tmp_path / "tiny")]
    words += ["--samples", f"late={systems[1].folder}", "--metrics", "onset-f1, level", "--players", "1"]
    done = CliRunner().invoke(
        app, [*words, "--threads", "1", "--dtype", "bfloat16", "--batch", "3"], env={"COLUMNS": "160"}
    )
    assert done.exit_code == 0, done.output
    assert str(out / PAGE_FILE) in done.output.replace("\n", "")
    report = msgspec.json.decode((out / REPORT_FILE).read_bytes(), type=Report)
    assert [system.name for system in report.systems] == ["reference", "tiny", "late"]
    assert set(by_name(report)) >= {"onset-f1-40ms", "peak"} and "e-l1" not in by_name(report)
    assert report.systems[1].facts["weights"] == "bfloat16 on cpu"
    alone = CliRunner().invoke(app, [*words[:5], "--no-model", *words[7:]])
    assert alone.exit_code == 0, alone.output
