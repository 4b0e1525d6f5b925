"""`foley evaluate …`: measure a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.options import JsonOption, ModelOption, SoundsOption, ThreadsOption, set_threads, write_json

evaluate = typer.Typer(no_args_is_help=True, help="Measure a model.")


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

    set_threads(threads)
    seeds = VALIDATION_SEEDS if validation else TEST_SEEDS
    drawn = sync.draw_test_scenes(read_library(sounds), scenes, seeds=seeds)
    pipeline = Pipeline(load_model(model or DEFAULT_MODEL))
    sampling = Sampling(cfg_scale=cfg_scale, top_k=top_k)
    report = sync.evaluate_sync(pipeline, drawn, seed=seed, sampling=sampling)
    typer.echo(sync.as_table(report))
    write_json(json, report)


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

    set_threads(threads)
    spotter = load_model(model or DEFAULT_MODEL).spotter
    figures = spotting.evaluate_spotter(spotter, films=films or (), num_scenes=scenes)
    typer.echo(spotting.as_table(figures))
    write_json(json, figures)
