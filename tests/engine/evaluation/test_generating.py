"""A model's own samples: made as users hear them, side by side, and never twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import torch

import engine.opening
from engine.errors import OutputError, RequestError
from engine.evaluation.generating import SampleMaker, make_samples, model_rows, seed_of
from engine.evaluation.kept_samples import SampleRequest
from engine.evaluation.measuring import evaluate
from engine.evaluation.metrics import MetricSettings
from engine.evaluation.metrics.registry import metrics_of
from engine.evaluation.opening import Drawing
from engine.evaluation.samples import reference
from engine.lm.on_device import OnDevice
from engine.media.audio import read_audio
from engine.pipeline import Model, Pipeline, load_model
from engine.protocol import SamplingWish
from tests.engine.evaluation.films import HITS_S, write_film, write_films
from tests.engine.models import TINY, write_tiny_model


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_films(tmp_path_factory.mktemp("evaluation") / "clips")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("tiny")
    write_tiny_model(folder)
    return load_model(folder)


class Watched(Pipeline):
    """Tells of each drawing how many takes it was given and how many drafts were drawn at once; may be broken off."""

    def __init__(self, model: Model, *, break_after: int | None = None) -> None:
        super().__init__(model)
        self.drawings: list[tuple[int, int]] = []
        self._left = break_after

    def draw(
        self,
        units: Sequence[Any],
        *,
        side_by_side: int,
        on_step: Callable[..., Any],
        on_unit: Callable[..., Any],
    ) -> None:
        self.drawings.append((len(units), side_by_side))

        def land(number: int, codes: torch.Tensor) -> None:
            on_unit(number, codes)
            if self._left is not None:
                self._left -= 1
                if self._left == 0:
                    raise KeyboardInterrupt

        super().draw(units, side_by_side=side_by_side, on_step=on_step, on_unit=land)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.wav")}


def test_a_model_makes_its_samples_once_and_goes_on_where_it_stopped(
    films: list[Path], tmp_path: Path
) -> None:
    write_tiny_model(tmp_path / "tiny")
    maker = SampleMaker(Pipeline(load_model(tmp_path / "tiny")), SampleRequest(hits="given"))
    (tmp_path / "clips").mkdir()
    made = make_samples(maker, films, tmp_path / "samples", name="tiny")
    assert set(made.files) == set(HITS_S) and not made.failures
    content = {stem: path.read_bytes() for stem, path in made.files.items()}
    assert len(read_audio(made.files["c"], 16000)) == 32000
    (tmp_path / "samples" / "c.wav").unlink()  # as if killed before it was written
    again = make_samples(maker, films, tmp_path / "samples", name="tiny")
    assert {stem: path.read_bytes() for stem, path in again.files.items()} == content
    longer = write_film(tmp_path / "clips" / "c.mp4", [1.0], length_s=3.0)
    replaced = make_samples(maker, [*films[:2], longer], tmp_path / "samples", name="tiny")
    assert len(read_audio(replaced.files["c"], 16000)) == 48000
    (tmp_path / "samples" / "c.wav").unlink()
    other = SampleMaker(maker.pipeline, SampleRequest(hits="spotted"))
    with pytest.raises(OutputError, match="with other settings"):
        make_samples(other, films, tmp_path / "samples", name="tiny")
    make_samples(maker, films, tmp_path / "samples", name="tiny")
    report = evaluate(films, [reference(), made], metrics_of(["onset-f1"], MetricSettings()))
    assert next(s for s in report.systems if s.name == "tiny").facts["hits"].endswith("given")


@pytest.mark.parametrize(("fitting", "tried"), [(2, [3, 1]), (1, [3, 1]), (3, [3])])
def test_where_memory_ends_fewer_samples_are_drawn_at_once(
    films: list[Path],
    model: Model,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fitting: int,
    tried: list[int],
) -> None:
    """Those that had landed are not drawn again, and all are as they are with memory enough."""
    monkeypatch.setattr(engine.opening, "free_bytes", lambda device: 1 << 40)
    asked = SampleRequest(hits="given", sampling=SamplingWish(drafts=1))
    whole = make_samples(SampleMaker(Pipeline(model), asked), films[:3], tmp_path / "whole", name="tiny")
    pipeline, widths = Pipeline(model), list[int]()
    draw = pipeline.draw

    def narrow(units: Sequence[Any], *, side_by_side: int, **rest: Any) -> None:
        widths.append(side_by_side)
        if side_by_side > fitting:
            raise MemoryError
        draw(units, side_by_side=side_by_side, **rest)

    monkeypatch.setattr(pipeline, "draw", narrow)
    maker = SampleMaker(pipeline, asked, Drawing(batch=3))
    made = make_samples(maker, films[:3], tmp_path / "made", name="tiny")
    assert widths == tried
    assert contents(tmp_path / "made") == contents(tmp_path / "whole") and len(made.files) == 3
    assert set(whole.files) == set(made.files)


def test_memory_that_ends_for_one_sample_alone_is_said(
    films: list[Path], model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Pipeline(model)
    monkeypatch.setattr(pipeline, "draw", Mock(side_effect=MemoryError))
    with pytest.raises(MemoryError):
        make_samples(SampleMaker(pipeline, SampleRequest()), films[:2], tmp_path / "made", name="tiny")


def test_models_are_rows_by_their_names(films: list[Path], tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "tiny")
    options = [str(tmp_path / "tiny"), f"A/B model={tmp_path / 'tiny'}"]
    rows = model_rows(options, SampleRequest(), films[:2], tmp_path / "out", [], lambda line: None)
    assert [row.name for row in rows] == ["tiny", "A/B model"]
    assert (tmp_path / "out" / "samples" / "A-B-model" / "Bé.wav").is_file()
    with pytest.raises(RequestError, match="'tiny'"):
        model_rows(options[:1] * 2, SampleRequest(), films[:2], tmp_path / "out", [], lambda line: None)


def test_a_clips_seed_does_not_depend_on_the_others() -> None:
    assert seed_of(0, "a") == seed_of(0, "a") != seed_of(0, "b") != seed_of(1, "b")


def test_clips_are_drawn_side_by_side_and_each_as_if_it_were_alone(
    films: list[Path], model: Model, tmp_path: Path
) -> None:
    together, alone = Watched(model), Watched(model)
    make_samples(SampleMaker(together, SampleRequest()), films, tmp_path / "together", name="")
    make_samples(SampleMaker(alone, SampleRequest(), Drawing(batch=1)), films, tmp_path / "alone", name="")
    assert together.drawings == [(len(films), together.drawings[0][1])] and together.drawings[0][1] > 1
    assert {side_by_side for _, side_by_side in alone.drawings} == {1}
    assert contents(tmp_path / "together") == contents(tmp_path / "alone") and len(films) == 4


def test_a_run_that_is_broken_off_goes_on_with_what_is_left(
    films: list[Path], model: Model, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        make_samples(SampleMaker(Watched(model, break_after=2), SampleRequest()), films, tmp_path, name="")
    landed = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.wav")}
    again, told = Watched(model), list[int]()
    made = make_samples(SampleMaker(again, SampleRequest()), films, tmp_path, name="", on_sample=told.append)
    assert len(landed) == 2 and {path: path.stat().st_mtime_ns for path in landed} == landed
    assert [count for count, _ in again.drawings] == [2] and told == [3, 4]
    assert set(made.files) == set(HITS_S)
    third = Watched(model)
    make_samples(SampleMaker(third, SampleRequest()), films, tmp_path, name="")
    assert third.drawings == []


def test_models_draw_as_users_do_unless_told_otherwise(
    films: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tiny_model(tmp_path / "tiny")
    monkeypatch.delenv("FOLEY_DTYPE", raising=False)

    def row(out: str, drawing: Drawing) -> dict[str, str]:
        [system] = model_rows(
            [str(tmp_path / "tiny")],
            SampleRequest(),
            films[:1],
            tmp_path / out,
            [],
            lambda line: None,
            drawing,
        )
        return dict(system.facts)

    assert row("usual", Drawing())["weights"] == "int8 on cpu"
    assert row("fine", Drawing(dtype="float32"))["weights"] == "float32 on cpu"
    assert contents(tmp_path / "usual/samples/tiny") != contents(tmp_path / "fine/samples/tiny")
    with pytest.raises(OutputError, match="with other settings"):
        row("usual", Drawing(dtype="float32"))
    monkeypatch.setenv("FOLEY_DTYPE", "float32")
    assert row("told", Drawing())["weights"] == "float32 on cpu"
    assert contents(tmp_path / "told/samples/tiny") == contents(tmp_path / "fine/samples/tiny")


def test_samples_are_drawn_on_a_device(films: list[Path], model: Model, tmp_path: Path) -> None:
    lm = model.lm
    on_device = OnDevice.open(lm.config, TINY.codec, lm.state_dict().__getitem__, "cpu", "float32")
    maker = SampleMaker(Watched(replace(model, on_device=on_device)), SampleRequest())
    make_samples(maker, films, tmp_path / "device", name="")
    make_samples(SampleMaker(Pipeline(model), SampleRequest()), films, tmp_path / "plain", name="")
    assert contents(tmp_path / "device") == contents(tmp_path / "plain")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has one")
def test_a_device_or_a_type_of_weights_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    with pytest.raises(RequestError, match="no device cuda"):
        Drawing(device="cuda").open(tmp_path)
    with pytest.raises(RequestError, match="no weights of type int4"):
        Drawing(dtype="int4").open(tmp_path)
