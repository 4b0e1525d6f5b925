"""The engine's own entry point: training, evaluation, benchmarks. `foley train …` passes on to it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from engine.errors import FoleyError

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
train = typer.Typer(
    no_args_is_help=True, help="Train the default model, or one part of it; resumes where it stopped."
)
evaluate = typer.Typer(no_args_is_help=True, help="Measure a model.")
bench = typer.Typer(no_args_is_help=True, help="Measure speed.")
app.add_typer(train, name="train")
app.add_typer(evaluate, name="evaluate")
app.add_typer(bench, name="bench")

SoundsOption = Annotated[Path, typer.Option("--sounds", help="A folder of recordings with a manifest.csv.")]
OutOption = Annotated[Path, typer.Option("--out", help="The run's folder; a second start goes on in it.")]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, help="Processor threads.")]
ModelOption = Annotated[
    Path | None, typer.Option("--model", help="A model folder; the default model if not given.")
]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")]

DEFAULT_RUN = Path("runs")


def _log(line: str) -> None:
    typer.echo(f"{time.strftime('%H:%M:%S')} {line}")


def _set_threads(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


@train.command("scenes")
def train_scenes(sounds: SoundsOption, out: OutOption = DEFAULT_RUN, count: int = 6000) -> None:
    """Render the scenes that the tower and the language model learn from."""
    from engine.training import default_model
    from engine.training.recordings import read_library

    default_model.train_scenes(read_library(sounds), out, _log, count=count)


@train.command("codec")
def train_codec(
    sounds: SoundsOption, out: OutOption = DEFAULT_RUN, steps: int = 2400, threads: ThreadsOption = 2
) -> None:
    """Train the codec."""
    from engine.training import default_model
    from engine.training.codec import CodecTraining
    from engine.training.recordings import read_library

    _set_threads(threads)
    default_model.train_codec(read_library(sounds), out, _log, CodecTraining(steps=steps))


@train.command("tower")
def train_tower(
    sounds: SoundsOption, out: OutOption = DEFAULT_RUN, steps: int = 1700, threads: ThreadsOption = 1
) -> None:
    """Train the image tower on the rendered scenes."""
    from engine.training import default_model
    from engine.training.recordings import read_library
    from engine.training.tower import TowerTraining

    _set_threads(threads)
    default_model.train_tower(read_library(sounds), out, _log, TowerTraining(steps=steps))


@train.command("encode")
def encode(sounds: SoundsOption, out: OutOption = DEFAULT_RUN, threads: ThreadsOption = 1) -> None:
    """Turn the scenes' sound into tokens of the trained codec."""
    from engine.training import default_model
    from engine.training.recordings import read_library

    _set_threads(threads)
    default_model.encode(read_library(sounds), out, _log)


@train.command("decoder")
def train_decoder(
    sounds: SoundsOption, out: OutOption = DEFAULT_RUN, steps: int = 700, threads: ThreadsOption = 1
) -> None:
    """Go on with the codec's decoder against a discriminator; tokens keep their meaning."""
    from engine.training import default_model
    from engine.training.decoder import DecoderTraining
    from engine.training.recordings import read_library

    _set_threads(threads)
    default_model.train_decoder(read_library(sounds), out, _log, DecoderTraining(steps=steps))


@train.command("lm")
def train_lm(
    sounds: SoundsOption, out: OutOption = DEFAULT_RUN, steps: int = 3600, threads: ThreadsOption = 2
) -> None:
    """Train the language model on the encoded scenes."""
    from engine.training import default_model
    from engine.training.lm import LMTraining
    from engine.training.recordings import read_library

    _set_threads(threads)
    default_model.train_lm(read_library(sounds), out, _log, LMTraining(steps=steps))


@train.command("spotter")
def train_spotter(out: OutOption = DEFAULT_RUN, minutes: float = 36.0, threads: ThreadsOption = 1) -> None:
    """Train the spotter on scenes drawn afresh."""
    from engine.training import default_model

    _set_threads(threads)
    default_model.train_spotter(out, _log, minutes=minutes)


@train.command("default")
def train_default(sounds: SoundsOption, out: OutOption = DEFAULT_RUN, threads: ThreadsOption = 2) -> None:
    """All stages of the default model, one after the other; what is done is not done again."""
    from engine.training import default_model
    from engine.training.recordings import read_library

    _set_threads(threads)
    default_model.train_all(read_library(sounds), out, _log)


@train.command("card")
def card(
    sounds: SoundsOption,
    target: Annotated[Path, typer.Argument(help="The model folder that the card is for.")],
    sync: Annotated[Path, typer.Option(help="What `evaluate sync --json` wrote.")],
    spotter: Annotated[Path, typer.Option(help="What `evaluate spotter --json` wrote.")],
    training: Annotated[Path, typer.Option(help="A text on how, on what and how long it was trained.")],
) -> None:
    """Write the model card from measured figures and the recordings' manifest."""
    from engine.training.card import write_card
    from engine.training.recordings import read_library

    write_card(target, read_library(sounds), sync=sync, spotter=spotter, training=training)


@train.command("pack")
def pack(sounds: SoundsOption, target: Path, out: OutOption = DEFAULT_RUN) -> None:
    """Write the trained parts as one model folder."""
    from engine.training import default_model
    from engine.training.recordings import read_library

    record = default_model.pack(read_library(sounds), out, target)
    size_mb = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    _log(f"{target}: {size_mb:.1f} MB, sha256 {record.sha256}")


@evaluate.command("sync")
def evaluate_sync(
    sounds: SoundsOption,
    model: ModelOption = None,
    scenes: Annotated[int, typer.Option(min=2, help="How many rendered scenes.")] = 100,
    validation: Annotated[bool, typer.Option(help="Validation scenes, to choose settings by.")] = False,
    seed: int = 0,
    cfg_scale: float = 3.0,
    top_k: int = 256,
    threads: ThreadsOption = 2,
    json: JsonOption = None,
) -> None:
    """Do the sounds fall on the hits? Rendered scenes and recordings that were never trained on."""
    from engine.checkpoints import DEFAULT_MODEL
    from engine.evaluation import sync
    from engine.pipeline import Pipeline, load_model
    from engine.protocol import Sampling
    from engine.training.recordings import read_library
    from engine.training.scenes.spec import TEST_SEEDS, VALIDATION_SEEDS

    _set_threads(threads)
    seeds = VALIDATION_SEEDS if validation else TEST_SEEDS
    drawn = sync.draw_test_scenes(read_library(sounds), scenes, seeds=seeds)
    pipeline = Pipeline(load_model(model or DEFAULT_MODEL))
    sampling = Sampling(cfg_scale=cfg_scale, top_k=top_k)
    report = sync.evaluate_sync(pipeline, drawn, seed=seed, sampling=sampling)
    typer.echo(sync.as_table(report))
    _write_json(json, report)


@evaluate.command("spotter")
def evaluate_spotter(
    films: Annotated[list[Path] | None, typer.Argument(help="Films with their own sound.")] = None,
    model: ModelOption = None,
    scenes: Annotated[int, typer.Option(min=1, help="How many rendered scenes.")] = 200,
    threads: ThreadsOption = 2,
    json: JsonOption = None,
) -> None:
    """Are hits found in the picture? On rendered scenes, and on films by the onsets of their own sound."""
    from engine.checkpoints import DEFAULT_MODEL
    from engine.evaluation import spotting
    from engine.pipeline import load_model

    _set_threads(threads)
    spotter = load_model(model or DEFAULT_MODEL).spotter
    figures = spotting.evaluate_spotter(spotter, films=films or (), num_scenes=scenes)
    typer.echo(spotting.as_table(figures))
    _write_json(json, figures)


@bench.command("first-take")
def bench_first_take(model: ModelOption = None, runs: int = 3, json: JsonOption = None) -> None:
    """From a click to a playable take: a 5 s clip of 1080p, with a warm engine."""
    from engine.evaluation.speed import TARGET_S, measure_first_take

    figures = measure_first_take(model, runs=runs)
    typer.echo(
        f"first take of a {figures.clip_s:g} s clip of 1080p30: {figures.median_s:.2f} s (median of {runs}; "
        f"target {TARGET_S:g} s), {figures.num_threads} threads; engine start {figures.start_s:.1f} s"
    )
    _write_json(json, figures)


def _write_json(path: Path | None, figures: Struct) -> None:
    if path is not None:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")


def main() -> int:
    """Run; a FoleyError is one sentence on stderr and status 1."""
    # Idle threads that spin take the processor from the editor's other programs.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        app()
    except FoleyError as error:
        print(error.sentence, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
