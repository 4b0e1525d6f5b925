"""`foley bench …`: measure speed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.options import JsonOption, ModelOption, ThreadsOption, set_threads, write_json

bench = typer.Typer(no_args_is_help=True, help="Measure speed.")


@bench.command("first-take")
def bench_first_take(
    model: ModelOption = None, runs: Annotated[int, typer.Option(min=1)] = 3, json: JsonOption = None
) -> None:
    """From a click to a playable take: a 5 s clip of 1080p, with a warm engine."""
    from engine.evaluation.speed import as_lines, measure_first_take

    figures = measure_first_take(model, runs=runs)
    typer.echo(as_lines(figures))
    write_json(json, figures)


@bench.command("job")
def bench_job(
    model: ModelOption = None,
    preset: Annotated[
        str | None, typer.Option(help="A preset with random weights, such as foleygen, instead of a model.")
    ] = None,
    dtype: Annotated[str, typer.Option(help="Of the language model's weights.")] = "int8",
    runs: Annotated[int, typer.Option(min=1)] = 3,
    threads: ThreadsOption = 2,
    json: JsonOption = None,
) -> None:
    """The whole job for 10 s of 1080p30: decode, features, language model, codec, write, each with its share."""
    from engine.checkpoints import DEFAULT_MODEL
    from engine.evaluation.speed_job import as_table, measure_job
    from engine.evaluation.speed_random import preset_of, random_model
    from engine.lm.decoding.narrowing import weight_type
    from engine.pipeline import Model, load_model
    from engine.protocol import AS_PUBLISHED, SamplingWish

    config, weights = None if preset is None else preset_of(preset), weight_type(dtype)

    def open_model(folder: Path) -> Model:
        if config is None:
            return load_model(model or DEFAULT_MODEL, dtype=weights)
        return random_model(config, folder, dtype=weights)

    set_threads(threads)
    speed = measure_job(open_model, sampling=SamplingWish() if config is None else AS_PUBLISHED, runs=runs)
    typer.echo(as_table(speed))
    write_json(json, speed)


@bench.command("lm")
def bench_lm(
    dtype: Annotated[list[str] | None, typer.Option(help="Types of weights; all if not given.")] = None,
    peer: Annotated[bool, typer.Option(help="Run transformers' decoder of the same shape beside it.")] = True,
    full: Annotated[
        bool, typer.Option(help="Draw the peer's whole window, not steps spread over it.")
    ] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Every figure is a median over these.")] = 3,
    device: Annotated[
        str, typer.Option(help="cpu, or cuda: the step on a GPU against its memory's floor.")
    ] = "cpu",
    check: Annotated[bool, typer.Option(help="On a GPU: first compare the logits with float32's.")] = False,
    threads: ThreadsOption = 2,
    json: JsonOption = None,
) -> None:
    """The paper's language model with random weights: windows, growth, batches, memory, beside its closest peer."""
    if device != "cpu":
        from engine.evaluation import speed_device

        found = speed_device.measure_device(device=device, check=check, peer=peer)
        write_json(json, found)
        typer.echo(speed_device.as_table(found))
        return
    from engine.evaluation.speed_lm import measure_lm
    from engine.evaluation.speed_lm_summary import as_table
    from engine.lm.decoding.narrowing import WEIGHT_TYPES, weight_type

    set_threads(threads)
    dtypes = [weight_type(name) for name in dtype or WEIGHT_TYPES]
    speed = measure_lm(dtypes=dtypes, rounds=rounds, peer=peer, full=full)
    typer.echo(as_table(speed))
    write_json(json, speed)


@bench.command("training")
def bench_training(
    preset: Annotated[str, typer.Option(help="foleygen, foleygen-sync, foley-tiny.")] = "foleygen",
    rows: Annotated[int, typer.Option(min=1, help="Of a step; halved where memory does not suffice.")] = 64,
    steps: Annotated[int, typer.Option(min=1, help="That are timed.")] = 8,
    threads: ThreadsOption = 2,
    json: JsonOption = None,
) -> None:
    """A few steps of a preset's training on made-up clips of ten seconds: time, operations, share of the peak."""
    from engine.training.throughput import as_line, measure_training

    set_threads(threads)
    found = measure_training(preset, rows=rows, steps=steps)
    write_json(json, found)
    typer.echo(as_line(found))


@bench.command("growth")
def bench_growth(
    model: ModelOption = None,
    dtype: Annotated[str, typer.Option(help="Of the language model's weights.")] = "int8",
    threads: ThreadsOption = 2,
    json: JsonOption = None,
) -> None:
    """Work and memory for takes of 10, 60 and 600 s, from the film to the file."""
    from engine.evaluation.speed_growth import as_table, measure_growth

    found = measure_growth(model, dtype=dtype, threads=threads)
    typer.echo(as_table(found))
    write_json(json, found)
