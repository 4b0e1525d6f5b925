"""`foley bench …`: measure speed."""

from __future__ import annotations

import typer

from engine.cli.options import JsonOption, ModelOption, write_json

bench = typer.Typer(no_args_is_help=True, help="Measure speed.")


@bench.command("first-take")
def bench_first_take(model: ModelOption = None, runs: int = 3, json: JsonOption = None) -> None:
    """From a click to a playable take: a 5 s clip of 1080p, with a warm engine."""
    from engine.evaluation.speed import TARGET_S, measure_first_take

    figures = measure_first_take(model, runs=runs)
    typer.echo(
        f"first take of a {figures.clip_s:g} s clip of 1080p30: {figures.median_s:.2f} s (median of {runs}; "
        f"target {TARGET_S:g} s), {figures.num_threads} threads; engine start {figures.start_s:.1f} s"
    )
    write_json(json, figures)
