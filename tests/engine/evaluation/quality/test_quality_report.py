"""The whole of it on a tiny model: measured, written, read; and the card says what was measured, nothing else."""

from __future__ import annotations

import struct
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor

import engine.drafting
from engine.codec.encodec import Encodec
from engine.drafting import Heard
from engine.errors import FoleyError, RequestError
from engine.evaluation.bootstrap import Interval
from engine.evaluation.embeddings.ear import read_ear
from engine.evaluation.load import MachineBusy
from engine.evaluation.quality import QualityFigure, Target, footage, speed
from engine.evaluation.quality.bench import Bench, Size, spread
from engine.evaluation.quality.examples import Example, examples_of
from engine.evaluation.quality.fragment import as_lines, as_markdown, value_text
from engine.evaluation.quality.page import write_page
from engine.evaluation.quality.registry import FIGURES, chosen
from engine.evaluation.quality.report import QualityReport, measure_quality, read_quality
from engine.evaluation.quality.sheet import sheet_png
from engine.evaluation.quality.speed_process import RUNS, Timed, time_takes
from engine.evaluation.speed_film import write_film as write_big_film
from engine.pipeline import Pipeline, load_model
from engine.protocol import Sampling
from engine.training.recordings import RecordingLibrary
from tests.engine.evaluation.films import write_film
from tests.engine.evaluation.quality.benches import strike
from tests.engine.models import TINY, write_tiny_model

SMALL = Size(
    pool_seeds=1,
    diversity_labels=1,
    diversity_seeds=2,
    ambience_takes=1,
    edits=1,
    curves=1,
    scenes=2,
    guesses=4,
    footage=2,
    spotter_scenes=1,
    codec_recordings=2,
)


def test_met_is_what_the_target_says() -> None:
    least, most = Target("at least", 0.9), Target("at most", 0.2)
    assert QualityFigure("a", "A", Interval(0.9), least).is_met
    assert QualityFigure("a", "A", Interval(0.89), least).is_met is False
    assert QualityFigure("a", "A", Interval(0.2), most).is_met
    assert QualityFigure("a", "A", Interval(0.21), most).is_met is False
    assert QualityFigure("a", "A", Interval(1.0)).is_met is None
    assert QualityFigure("a", "A", None, least, not_measured="no ear").is_met is None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, QualityReport]:
    """Every figure but speed, on an untrained model of 48 kHz."""
    from tests.engine.evaluation.quality.benches import of_split, strikes

    folder = tmp_path_factory.mktemp("wide")
    wide = msgspec.structs.replace(TINY.codec, sample_rate=48000, strides=(4, 5, 6, 8))
    write_tiny_model(folder, codec=wide)
    rain = np.random.default_rng(0).standard_normal(32000).astype(np.float32) * 0.1
    library = RecordingLibrary(
        [
            *strikes("knock", range(4), "train"),
            *strikes("knock", [8, 9], "held_out"),
            of_split(rain, "rain", "rain:0", "train"),
            of_split(rain[::-1].copy(), "rain", "rain:1", "held_out"),
        ]
    )
    for each in library.recordings:  # as `read_library` gives them for such a codec
        wav = np.interp(np.arange(3 * each.wav.size) / 3, np.arange(each.wav.size), each.wav)
        object.__setattr__(each, "sample_rate", 48000)
        each.__dict__["wav"] = wav.astype(np.float32)
    bench = Bench(Pipeline(load_model(folder)), library, read_ear(), SMALL, model_folder=folder)
    measures = {name: measure for name, measure in FIGURES.items() if name != "speed"}
    return bench, measure_quality(bench, measures)


@pytest.mark.minutes
def test_a_model_of_48_khz_is_measured_throughout(made: tuple[Bench, QualityReport]) -> None:
    bench, report = made
    assert {take.sample_rate for take in bench.pool} == {48000}
    names = [figure.name for figure in report.figures]
    assert len(names) == len(set(names)) == len(report.met)
    by_name = {figure.name: figure for figure in report.figures}
    for name in ("family", "labels", "diversity", "memorisation", "clicks", "dc", "peak", "floor", "edits"):
        assert by_name[name].value is not None, name
    for name in ("curve", "given-hits-50", "swap", "guess", "false-hits-all", "false-hits-slow-motion"):
        assert by_name[name].value is not None, name
    assert "--codec" in by_name["codec-flatness"].not_measured
    assert set(report.took_s) == set(FIGURES) - {"speed"}


def test_figures_are_written_read_and_told_in_words(
    made: tuple[Bench, QualityReport], tmp_path: Path
) -> None:
    _, report = made
    path = tmp_path / "quality.json"
    path.write_bytes(msgspec.json.encode(report))
    again = read_quality(path)
    assert again == report
    card = as_markdown(again)
    for figure in report.figures:
        assert f"| {figure.title} | {value_text(figure)} |" in card
    assert len(as_lines(report.figures)) >= len(report.figures)
    with pytest.raises(FoleyError, match="evaluate default"):
        read_quality(tmp_path / "none.json")


@pytest.mark.minutes
def test_the_card_follows_the_numbers(made: tuple[Bench, QualityReport]) -> None:
    _, report = made
    figure = QualityFigure(
        "x", "Likeness", Interval(0.123, 0.1, 0.2), Target("at least", 0.9), details={"n": 3.0}
    )
    other = msgspec.structs.replace(report, figures=[figure], met={"x": figure.is_met})
    card = as_markdown(other)
    assert "| Likeness | 0.12 (0.10 to 0.20) | at least 0.90 | missed |" in card
    assert "0 of 1 targets" in card and "- Likeness: n 3." in card


@pytest.mark.minutes
def test_a_figure_that_fails_is_noted_and_the_others_go_on(made: tuple[Bench, QualityReport]) -> None:
    def broken(bench: Bench) -> list[QualityFigure]:
        raise FoleyError("The ear is deaf.")

    def sound(bench: Bench) -> list[QualityFigure]:
        return [QualityFigure("b", "B", Interval(1.0))]

    report = measure_quality(made[0], {"a": broken, "b": sound})
    assert [figure.not_measured for figure in report.figures] == ["The ear is deaf.", ""]
    assert report.met == {"a": None, "b": None}


def test_figures_are_chosen_by_name_in_one_order() -> None:
    assert list(chosen(["speed", "family"])) == ["family", "speed"]
    assert list(chosen(None)) == list(FIGURES)
    with pytest.raises(RequestError, match="'loudness'"):
        chosen(["loudness"])


def test_spread_takes_from_first_to_last() -> None:
    assert spread("abcdef", 3) == ["a", "c", "e"]
    assert spread("ab", 5) == ["a", "b"]


@pytest.mark.minutes
def test_sheet_and_page_show_real_beside_generated(made: tuple[Bench, QualityReport], tmp_path: Path) -> None:
    bench, report = made
    examples = examples_of(bench)
    assert [each.family for each in examples] == ["ambience", "impacts"]
    assert all(each.real.shape == each.made.shape for each in examples)
    png = sheet_png(examples)
    width, height = struct.unpack(">II", png[16:24])
    assert width > 500 and height > 2 * 96
    page = write_page(report, examples, tmp_path)
    html = page.read_text(encoding="utf-8")
    assert html.count("<audio") == 4
    assert sorted(path.name for path in (tmp_path / "media").iterdir()) == [
        "ambience-generated.flac",
        "ambience-real.flac",
        "impacts-generated.flac",
        "impacts-real.flac",
    ]


def test_a_louder_example_looks_no_brighter() -> None:
    sound = np.tile(strike(1, length_s=1.0), 5)[:76800]
    quiet = Example("impacts", "knock", sound, sound)
    loud = Example("impacts", "knock", 4 * sound, 4 * sound)
    assert sheet_png([quiet]) == sheet_png([loud])


def test_films_without_sound_are_left_out(
    pipeline: Pipeline, library: RecordingLibrary, tmp_path: Path
) -> None:
    write_film(tmp_path / "a.mp4", [0.5, 1.1])
    write_big_film(tmp_path / "silent.mp4", duration_s=1, seed=0)
    films = sorted(tmp_path.iterdir())
    (figure,) = footage.measure(Bench(pipeline, library, read_ear(), SMALL, videos=films))
    assert figure.details["films"] == 1 and "a.mp4" in figure.details
    (nothing,) = footage.measure(Bench(pipeline, library, read_ear(), SMALL))
    assert nothing.value is None


def test_speed_is_told_as_times_faster_than_real_time() -> None:
    timed = Timed(10, [2.0, 4.0, 5.0], 12.5, 1_100_000_000)
    cached, film = speed.speed_figures(timed)
    assert cached.value == Interval(2.5) and cached.is_met is False
    assert film.value == Interval(0.8) and speed.memory_figure(timed).is_met is False
    quick, _ = speed.speed_figures(Timed(10, [2.0, 2.5, 3.0], 5.0, 10))
    assert quick.value == Interval(4.0) and quick.is_met


@pytest.mark.parametrize(("busy_at", "measured"), [("begin", []), ("end", ["memory"])])
def test_a_busy_machine_has_no_speed(
    busy_at: str,
    measured: list[str],
    pipeline: Pipeline,
    library: RecordingLibrary,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither before nor afterwards is a figure told that other programs had a part in."""

    class Watch:
        def __init__(self, **options: float) -> None:
            self.look("begin")

        def look(self, at: str) -> None:
            if at == busy_at:
                raise MachineBusy("Other programs are busy.")

        def end(self) -> None:
            self.look("end")

    monkeypatch.setattr(speed.LoadWatch, "begin", Watch)
    monkeypatch.setattr(speed, "timed_takes", lambda *arguments: Timed(10, [2.0], 5.0, 10**9))
    monkeypatch.setattr(speed, "write_film", lambda path, **options: path)
    figures = speed.measure(Bench(pipeline, library, read_ear(), SMALL))
    assert [figure.name for figure in figures] == ["speed-cached", "speed-film", "memory", "size"]
    assert [figure.name for figure in figures[:3] if figure.value is not None] == measured
    assert {figure.not_measured for figure in figures[:2]} == {"Other programs are busy."}


def test_size_counts_every_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a").write_bytes(b"0" * 1000)
    (tmp_path / "deep" / "b").write_bytes(b"0" * 500)
    figure = speed.size_figure(tmp_path)
    assert figure.value == Interval(0.0015) and figure.is_met


def test_takes_are_timed_from_a_film_and_from_a_look_that_is_there_with_all_their_drafts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    num_heard, hear = 0, engine.drafting.heard_in

    def counted(codec: Encodec, codes: Tensor) -> Heard:
        nonlocal num_heard
        num_heard += 1
        return hear(codec, codes)

    monkeypatch.setattr(engine.drafting, "heard_in", counted)
    write_tiny_model(tmp_path / "model")
    film = write_film(tmp_path / "film.mp4", [0.5], length_s=2.5)
    timed = time_takes(tmp_path / "model", "float32", torch.get_num_threads(), film, 2)
    assert num_heard == (2 + RUNS) * Sampling().drafts
    assert len(timed.cached_s) == RUNS and min(timed.cached_s) > 0 and timed.film_s > 0
    assert timed.peak_bytes > 1e8


@pytest.mark.minutes
def test_a_process_of_its_own_times_them_and_says_why_it_cannot(tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "model")
    film = write_film(tmp_path / "film.mp4", [0.5], length_s=2.5)
    assert speed.timed_takes(tmp_path / "model", "float32", film, 2).duration_s == 2
    with pytest.raises(FoleyError, match="could not be timed"):
        speed.timed_takes(tmp_path / "nowhere", "float32", film, 2)
