"""The job's line: every second counted once, and frames that the naive way would give as well."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import engine.drafting
from engine.cli.bench import bench_job
from engine.codec.encodec import Encodec
from engine.config import FOLEYGEN, TowerConfig
from engine.drafting import Heard
from engine.errors import RequestError
from engine.evaluation import speed_job
from engine.evaluation.load import Load, LoadWatch, MachineBusy
from engine.evaluation.speed_film import write_film
from engine.evaluation.speed_frames import FrameReading, frames_in_one_pass, frames_naively
from engine.evaluation.speed_job import (
    JobSpeed,
    StageClock,
    as_stages,
    as_table,
    drafted_of,
    measure_job,
    targets_of,
)
from engine.evaluation.speed_random import preset_of, random_model
from engine.pipeline import Model, load_model
from engine.protocol import AS_PUBLISHED, Hit, Sampling, SamplingWish
from engine.visual.spotter import SpotResult
from tests.engine.evaluation.idle import an_idle_machine
from tests.engine.models import write_tiny_model


class Part:
    def work(self, duration_s: float) -> str:
        time.sleep(duration_s)
        return "done"


def test_a_stage_within_another_stops_the_outer_ones_clock() -> None:
    clock, part = StageClock(), Part()
    clock.note(part, "work", "inner")
    began_s = time.perf_counter()
    with clock.stage("outer"):
        time.sleep(0.05)
        assert part.work(0.1) == "done"
        time.sleep(0.05)
    whole_s = time.perf_counter() - began_s
    part.work(0.02)
    assert clock.seconds["outer"] == pytest.approx(0.1, abs=0.04)
    assert clock.seconds["inner"] == pytest.approx(0.12, abs=0.04)
    assert sum(clock.seconds.values()) == pytest.approx(whole_s + 0.02, abs=0.02)


def test_a_stage_that_raises_is_closed() -> None:
    clock = StageClock()
    with pytest.raises(ValueError), clock.stage("outer"):
        raise ValueError
    with clock.stage("next"):
        time.sleep(0.01)
    assert clock.seconds["outer"] < 0.005 < clock.seconds["next"]


def test_shares_are_of_the_sum_of_medians() -> None:
    run = {"decode": 1.0, "features": 1.0, "lm": 7.0, "codec": 0.5, "write": 0.5}
    stages = as_stages([run, {**run, "lm": 900.0}, {**run, "lm": 6.0}])
    assert [stage.share for stage in stages] == pytest.approx([0.1, 0.1, 0.7, 0.05, 0.05])
    frames, clip = FrameReading(1.0, 4.0, 0.25), FOLEYGEN.encoder
    drafted = drafted_of(4, [2, 4, 3], [{**run, "lm": lm_s} for lm_s in (14.0, 28.0, 21.0)])
    assert (drafted.lm_s, drafted.total_s) == (21.0, 24.0)
    speed = JobSpeed(
        "m", 10, 3, 2, Load(0.1, 0.2), stages, 10.0, 0.3, drafted, frames, targets_of(clip, 0.3, frames)
    )
    told = as_table(speed)
    assert "lm             7.00   70.0%" in told and "all but the language model 30.0%" in told
    assert "4 drafts a window (2, 4, 3 drawn): language model and judging 21.00 s, all 24.00 s" in told
    assert [line.split("target ")[1] for line in told.splitlines()[-2:]] == ["0.2: MISSED", "0.55: met"]
    assert [target.is_met for target in targets_of(clip, 0.2, FrameReading(9.0, 10.0, 0.9))] == [True, False]
    assert len(targets_of(preset_of("foley-tiny").encoder, 0.3, frames)) == 1, "not aimed at for this encoder"


def test_what_other_threads_do_is_the_stages_in_which_they_were_asked() -> None:
    clock, part = StageClock(), Part()
    clock.note(part, "work", "inner")
    with clock.stage("outer"), ThreadPoolExecutor(2) as pool:
        list(pool.map(part.work, [0.1, 0.1]))
    assert clock.seconds["outer"] >= 0.1 and "inner" not in clock.seconds


def test_one_pass_and_the_naive_way_read_the_same_pictures(tmp_path: Path) -> None:
    """Otherwise their times could not be compared. swscale and PIL differ in the grain, so blocks are compared."""
    film = write_film(tmp_path / "film.mp4", duration_s=1, seed=1, noise=10)
    for ours, rate in zip(frames_in_one_pass(film, 1), (1, 25), strict=True):
        naive = frames_naively(film, rate)
        assert ours.shape == naive.shape == (rate, 224, 224, 3)
        ours_blocks, naive_blocks = (
            each.reshape(rate, 14, 16, 14, 16, 3).mean((2, 4)) for each in (ours, naive)
        )
        assert np.abs(ours_blocks - naive_blocks).max() < 4
    assert np.abs(ours_blocks[:-1] - naive_blocks[1:]).max() > 40, "another frame would be noticed"


def test_the_whole_job_is_measured_with_a_model_from_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed_job, "DURATION_S", 1)
    an_idle_machine(monkeypatch)
    write_tiny_model(tmp_path / "model")
    speed = measure_job(lambda folder: load_model(tmp_path / "model"), runs=2)
    assert [stage.name for stage in speed.stages] == ["decode", "features", "lm", "codec", "write"]
    assert all(len(stage.runs_s) == 2 and stage.median_s > 0 for stage in speed.stages)
    assert sum(stage.share for stage in speed.stages) == pytest.approx(1)
    assert speed.share_beside_lm == pytest.approx(1 - speed.stages[2].share)
    assert speed.drafted is not None and speed.drafted.most == Sampling().drafts
    assert len(speed.drafted.drawn) == 2 and speed.drafted.total_s > speed.drafted.lm_s > 0
    assert (speed.model, speed.load) == ("tiny", Load(0.5, 1.5))


def test_a_busy_machine_is_refused_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> LoadWatch:
        raise MachineBusy("Busy.")

    def open_model(folder: Path) -> Model:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(LoadWatch, "begin", busy)
    with pytest.raises(MachineBusy):
        measure_job(open_model)


def test_only_presets_that_see_through_clip_are_drawn_at_random(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no preset other: choose foleygen"):
        preset_of("other")
    assert isinstance(preset_of("foley-tiny").encoder, TowerConfig)
    with pytest.raises(RequestError, match="does not see through CLIP"):
        random_model(preset_of("foley-tiny"), tmp_path)
    assert preset_of("foleygen") == FOLEYGEN


def test_stages_are_of_one_draft_and_what_drafts_take_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hits that no sound can all fall on, so that all drafts are drawn and their sound is judged."""
    monkeypatch.setattr(speed_job, "DURATION_S", 1)
    an_idle_machine(monkeypatch)
    write_tiny_model(tmp_path / "model")
    model = load_model(tmp_path / "model")
    hits = [Hit(0.3), Hit(0.31), Hit(0.6), Hit(0.61)]
    monkeypatch.setattr(model.spotter, "spot", lambda *given: SpotResult(hits, np.zeros(50, np.float32)))
    heard: list[int] = []
    hear = engine.drafting.heard_in

    def counted(codec: Encodec, codes: Tensor) -> Heard:
        heard.append(1)
        return hear(codec, codes)

    monkeypatch.setattr(engine.drafting, "heard_in", counted)
    plain = measure_job(lambda folder: model, sampling=AS_PUBLISHED, runs=1)
    assert plain.drafted is None and heard == []
    speed = measure_job(lambda folder: model, sampling=Sampling(drafts=3), runs=1)
    assert speed.drafted is not None and speed.drafted.drawn == [3] == [len(heard)]


def test_a_presets_random_weights_are_drawn_as_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random weights have no drafts worth choosing from, and a random spotter no hits worth following."""
    asked: list[SamplingWish] = []

    def measured(open_model: object, *, sampling: SamplingWish, runs: int) -> JobSpeed:
        asked.append(sampling)
        raise MachineBusy("Busy.")

    monkeypatch.setattr(speed_job, "measure_job", measured)
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: None)
    for options in ({"preset": "foleygen"}, {}):
        with pytest.raises(MachineBusy):
            bench_job(**options)
    assert asked == [AS_PUBLISHED, SamplingWish()]
