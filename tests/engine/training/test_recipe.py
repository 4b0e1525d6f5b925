"""The paper's recipe as one command, in miniature: from films to a model that opens, killed on the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.config import FOLEYGEN
from engine.errors import CheckpointNotFound, FoleyError, RequestError
from engine.pipeline import load_model
from engine.training import recipe as recipes
from engine.training.cost import lm_memory_bytes
from engine.training.presets import PAPER, lm_preset
from engine.training.recipe import Recipe, command_of, fitting_parts, refuse_what_cannot_run, stages_of
from engine.training.state import step_of
from tests.engine.models import write_tiny_model
from tests.engine.training.prepare.films import write_film

ROOT = Path(__file__).resolve().parents[3]
MINIATURE = {
    "codec": (
        "steps=6 batch=2 kmeans_step=3 warmup_steps=2 crops.num_samples=3840 checkpoint_every=2 log_every=1 bf16=false "
        "codec.num_filters=2 codec.num_lstm_layers=0 codec.latent_dim=8 codec.codebook_size=32"
    ),
    "decoder": "steps=2 batch=2 quiet_steps=1 discriminator_filters=2 crops.num_samples=3840",
    "lm": (
        "steps=4 warmup_steps=2 checkpoint_every=1 log_every=1 cropping.rows=2 cropping.max_s=1 lm.num_layers=1 "
        "lm.num_heads=2 lm.dim=32 bf16=false"
    ),
}
STAGES = ["codec", "decoder", "prepare", "lm", "pack"]
STARTED_S = 150


@pytest.fixture
def small(tmp_path: Path) -> Recipe:
    """Four films of a list in VGGSound's format, one of which is not there, and small eyes."""
    films = tmp_path / "films"
    for number in range(4):
        write_film(films / f"abc{number}_000010.mp4", hits_s=(0.3 + 0.2 * number,), duration_s=1.6)
    lines = [f"abc{number},10,knock,train" for number in range(5)]
    (tmp_path / "list.csv").write_text("\n".join(lines), encoding="utf-8")
    write_tiny_model(tmp_path / "eyes")
    pairs = {stage: words.split() for stage, words in MINIATURE.items()}
    return Recipe(
        preset="foleygen",
        source=tmp_path / "list.csv",
        clips=films,
        split="train",
        out=tmp_path / "run",
        encoder=f"tower:{tmp_path / 'eyes'}",
        pairs=pairs,
    )


def words_of(recipe: Recipe) -> list[str]:
    """As a person writes it."""
    given = ["--clips", str(recipe.clips), "--encoder", recipe.encoder, "--workers", "1"]
    pairs = [
        word for stage, each in recipe.pairs.items() for pair in each for word in ("--set", f"{stage}:{pair}")
    ]
    return ["train", "foleygen", str(recipe.source), "--out", str(recipe.out), *given, *pairs]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_one_command_ends_in_a_model_that_opens_though_it_is_killed_on_the_way(small: Recipe) -> None:
    logs = small.out / "logs"
    first = subprocess.Popen([sys.executable, "-m", "engine.cli", *words_of(small)], cwd=ROOT)
    try:
        wait_until(lambda: first.poll() is not None or step_of(small.out / "decoder") >= 1)
        children = psutil.Process(first.pid).children(recursive=True)
    finally:
        first.kill()
        first.wait()
    # What it had begun ends with it: nobody trains beside a second start.
    wait_until(lambda: not any(child.is_running() for child in children))
    assert (logs / "codec.done").exists() and not (logs / "prepare.done").exists()
    codec = (small.out / "codec" / "state.pt").read_bytes()
    done = CliRunner().invoke(app, words_of(small))
    assert done.exit_code == 0, done.output
    assert "codec was done before" in done.output and "lm is over" in done.output
    assert (small.out / "codec" / "state.pt").read_bytes() == codec
    assert [step_of(small.out / stage) for stage in ("codec", "decoder", "lm")] == [6, 2, 4]
    model = load_model(small.model)
    assert model.config.codec.num_filters == 2 and model.config.lm.num_layers == 1
    assert "abc4_000010" in (small.out / "set" / "manifest.json").read_text(encoding="utf-8")
    again = CliRunner().invoke(app, words_of(small))
    assert [line for line in STAGES if f"{line} was done before" in again.output] == STAGES


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + STARTED_S
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_stage_that_fails_stops_the_recipe_with_one_sentence(small: Recipe) -> None:
    (small.out / "codec").mkdir(parents=True)
    (small.out / "codec" / "state.pt").write_bytes(b"not a state")
    done = CliRunner().invoke(app, words_of(small))
    assert done.exit_code == 1 and isinstance(done.exception, FoleyError)
    assert "The stage codec ended with status 1 (The training state" in done.exception.sentence
    assert not (small.out / "decoder").exists()


def test_stages_come_one_after_the_other_and_gpus_share_the_trainings(small: Recipe) -> None:
    plan = stages_of(replace(small, gpus=4, workers=8), lm_preset("foleygen"))
    assert [stage.name for stage in plan] == STAGES
    assert [stage.after for stage in plan] == [(), *((name,) for name in STAGES[:-1])]
    codec, decoder, prepare, lm, pack = plan
    assert "workers=2" in codec.words and "workers=8" in decoder.words
    assert prepare.words[:2] == ("data", "prepare") and str(small.out / "decoder") in prepare.words
    assert lm.words[-1] == "bf16=false"
    commands = {stage.name: command_of(4)(stage, None) for stage in plan}
    shared = [name for name, words in commands.items() if "torch.distributed.run" in words]
    assert shared == ["codec", "lm"]
    assert "torch.distributed.run" not in command_of(1)(codec, None)
    with_hits = [stage.name for stage in stages_of(small, lm_preset("foleygen-sync"))]
    assert with_hits == ["codec", "decoder", "prepare", "lm", "spotter", "pack"]
    assert pack.words[2] == str(small.model)


def test_what_a_later_stage_would_stumble_over_is_said_before_the_first(small: Recipe) -> None:
    preset = lm_preset("foleygen")
    refuse_what_cannot_run(small, preset)
    for pairs, told in (
        ({"lm": ["lm.layers=2"]}, "num_layers"),
        ({"decoder": ["steps=0"]}, "steps"),
        ({"tower": ["steps=1"]}, "codec, decoder, lm, spotter"),
    ):
        with pytest.raises(RequestError, match=told):
            refuse_what_cannot_run(replace(small, pairs=pairs), preset)
    with pytest.raises(RequestError, match="cannot be shared equally by 5 GPUs"):
        refuse_what_cannot_run(replace(small, gpus=5), preset)
    with pytest.raises(CheckpointNotFound):
        refuse_what_cannot_run(replace(small, encoder="tower:nowhere"), preset)
    with pytest.raises(FoleyError, match="None of the 5 clips"):
        refuse_what_cannot_run(replace(small, clips=small.source.parent / "eyes"), preset)
    with pytest.raises(RequestError, match="train default"):
        refuse_what_cannot_run(small, lm_preset("foley-tiny"))
    named = CliRunner().invoke(app, ["train", "foleygen", "x", "--out", "y", "--set", "steps=3"])
    assert isinstance(named.exception, RequestError) and "STAGE:NAME=VALUE" in named.exception.sentence


def test_a_step_is_cut_into_parts_that_fit_into_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    preset, memory = lm_preset("foleygen"), 80 * 10**9
    alone, of_eight = (fitting_parts(preset, PAPER, gpus, memory) for gpus in (1, 8))
    assert (alone, of_eight) == (pytest.approx(4, abs=2), 1)
    rows = -(-256 // alone)
    needed = lm_memory_bytes(FOLEYGEN.lm, 50, rows=rows, num_frames=500)
    assert sum(needed) <= recipes.MEMORY_SHARE * memory
    assert fitting_parts(preset, PAPER, 1, 1) == 256
