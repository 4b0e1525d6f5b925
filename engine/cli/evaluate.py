"""`foley evaluate …`: measure a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from engine.cli import quality
from engine.cli.options import (
    JsonOption,
    ModelOption,
    SoundsOption,
    ThreadsOption,
    log,
    set_threads,
    write_json,
)
from engine.protocol import MAX_DRAFTS, SamplingWish

FEWEST_SCENES = 2
"""As `engine.evaluation.sync` needs."""
ScaleOption = Annotated[float | None, typer.Option(help="Of guidance; each model's own if not given.")]
TopKOption = Annotated[int | None, typer.Option(min=1, help="Each model's own if not given.")]
TemperatureOption = Annotated[float | None, typer.Option(min=0, help="Each model's own if not given.")]
DraftsOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=MAX_DRAFTS,
        help="Of each window with hits, at most; the best is kept. Each model's own if not given.",
    ),
]
evaluate = typer.Typer(no_args_is_help=True, help="Measure a model.")
evaluate.command("default")(quality.evaluate_default)
evaluate.command("codec")(quality.evaluate_codec)


@evaluate.command("sync")
def evaluate_sync(
    sounds: SoundsOption,
    model: ModelOption = None,
    scenes: Annotated[int, typer.Option(min=FEWEST_SCENES, help="How many rendered scenes.")] = 100,
    validation: Annotated[bool, typer.Option(help="Validation scenes, to choose settings by.")] = False,
    seed: int = 0,
    cfg_scale: ScaleOption = None,
    top_k: TopKOption = None,
    temperature: TemperatureOption = None,
    drafts: DraftsOption = None,
    threads: ThreadsOption = 2,
    json: JsonOption = None,
) -> None:
    """Do the sounds fall on the hits? Rendered scenes and recordings that were never trained on."""
    from engine.checkpoints import DEFAULT_MODEL
    from engine.evaluation import sync
    from engine.opening import open_model
    from engine.pipeline import Pipeline

    set_threads(threads)
    drawn = sync.scenes_of(sounds, scenes, validation=validation)
    pipeline = Pipeline(open_model(model or DEFAULT_MODEL))
    sampling = SamplingWish(cfg_scale, top_k, temperature, drafts=drafts)
    report = sync.evaluate_sync(pipeline, drawn, seed=seed, sampling=sampling)
    typer.echo(sync.as_table(report))
    write_json(json, report)


@evaluate.command("drift")
def evaluate_drift(
    sounds: SoundsOption,
    model: ModelOption = None,
    scenes: Annotated[int, typer.Option(min=FEWEST_SCENES, help="How many rendered scenes.")] = 40,
    threads: ThreadsOption = 2,
    json: JsonOption = None,
) -> None:
    """What bfloat16 and int8 weights change: logits and onset F1 beside float32, on rendered test scenes."""
    from engine.checkpoints import DEFAULT_MODEL
    from engine.evaluation.drift import as_lines, measure_drift
    from engine.evaluation.sync import scenes_of

    set_threads(threads)
    found = measure_drift(model or DEFAULT_MODEL, scenes_of(sounds, scenes))
    for line in as_lines(found):
        typer.echo(line)
    write_json(json, found)


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


@evaluate.command("report")
def evaluate_report(
    clips: Annotated[
        Path, typer.Argument(help="Films with their own sound, beside each perhaps a NAME.json.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The report's folder; a second start goes on in it.")],
    model: Annotated[
        list[str] | None,
        typer.Option(help="A model folder, or NAME=DIR; may be given again. Else the default."),
    ] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Measure samples alone.")] = False,
    samples: Annotated[
        list[str] | None,
        typer.Option(help="NAME=DIR: another system's samples, named after the films. May be given again."),
    ] = None,
    metrics: Annotated[str | None, typer.Option(help="Families, with commas between; else all.")] = None,
    hits: Annotated[Literal["spotted", "given"], typer.Option(help="What models follow.")] = "spotted",
    labels: Annotated[Literal["given", "guessed"], typer.Option(help="What models are told.")] = "given",
    players: Annotated[int, typer.Option(min=0, help="How many clips the page shows.")] = 24,
    vggish: Annotated[Path | None, typer.Option(help="VGGish's public weights, for FAD.")] = None,
    passt: Annotated[Path | None, typer.Option(help="PaSST's public weights, for KL.")] = None,
    imagebind: Annotated[Path | None, typer.Option(help="ImageBind's public weights, for its score.")] = None,
    ear: Annotated[Path | None, typer.Option(help="Another ear than the one that ships.")] = None,
    device: Annotated[
        Literal["cpu", "cuda"] | None,
        typer.Option(help="Where models compute, cpu or cuda; FOLEY_DEVICE, or the CPU, if not given."),
    ] = None,
    dtype: Annotated[
        str | None,
        typer.Option(help="Of models' weights: float32, bfloat16 or int8; as takes are drawn if not given."),
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(min=1, help="Drafts drawn at once, at most; what device and memory hold if not given."),
    ] = None,
    cfg_scale: ScaleOption = None,
    top_k: TopKOption = None,
    temperature: TemperatureOption = None,
    drafts: DraftsOption = None,
    seed: int = 0,
    threads: ThreadsOption = 2,
) -> None:
    """All figures of all systems on test clips: a table, report.json and a page to listen and look."""
    from rich.console import Console

    from engine.evaluation.clips import find_films
    from engine.evaluation.generating import model_rows
    from engine.evaluation.kept_samples import SampleRequest
    from engine.evaluation.metrics import MetricSettings
    from engine.evaluation.metrics.registry import metrics_of
    from engine.evaluation.opening import Drawing
    from engine.evaluation.reporting import PAGE_FILE, make_report
    from engine.evaluation.samples import parse_samples, reference
    from engine.evaluation.tables import as_table, notes

    set_threads(threads)
    films = find_films(clips)
    families = None if metrics is None else [name.strip() for name in metrics.split(",") if name.strip()]
    wanted = metrics_of(families, MetricSettings(vggish, passt, imagebind, ear))
    given = parse_samples(samples or [])
    request = SampleRequest(hits, labels, seed, SamplingWish(cfg_scale, top_k, temperature, drafts=drafts))
    drawing = Drawing(dtype, device, batch)
    made = [] if no_model else model_rows(model or [], request, films, out, given, log, drawing)
    told = {"clips": str(clips), "metrics": metrics or "all"}
    report = make_report(
        films,
        [reference(), *made, *given],
        wanted,
        out,
        seed=seed,
        num_players=players,
        settings=told,
        log=log,
    )
    Console().print(as_table(report))
    for line in notes(report):
        typer.echo(line)
    typer.echo(f"{out / PAGE_FILE}")


@evaluate.command("tables")
def evaluate_tables(
    sounds: SoundsOption,
    out: Annotated[Path, typer.Option("--out", help="The run's folder; a second start goes on in it.")],
    codec: Annotated[
        Path | None, typer.Option(help="The folder of a trained codec; else a small one is trained.")
    ] = None,
    encoder: Annotated[
        list[str] | None,
        typer.Option(
            help="KIND=WORDS, a trained encoder as `data prepare` names it (clip=ARCHITECTURE:FILE, "
            "imagebind=FILE, …); else one that was never trained. May be given again."
        ),
    ] = None,
    train_films: Annotated[int, typer.Option(min=2, help="Rendered films to train on.")] = 240,
    test_films: Annotated[int, typer.Option(min=2, help="Rendered films to measure on.")] = 24,
    steps: Annotated[int, typer.Option(min=1, help="Steps of each row's language model.")] = 500,
    samples: Annotated[
        list[str] | None,
        typer.Option(help="NAME=DIR: another system's samples of OUT/test. May be given again."),
    ] = None,
    vggish: Annotated[Path | None, typer.Option(help="VGGish's public weights, for FAD.")] = None,
    passt: Annotated[Path | None, typer.Option(help="PaSST's public weights, for KL.")] = None,
    imagebind: Annotated[Path | None, typer.Option(help="ImageBind's public weights, for its score.")] = None,
    threads: ThreadsOption = 2,
) -> None:
    """The paper's three tables (systems, encoders, attention), end to end in miniature on rendered scenes."""
    from dataclasses import replace

    from engine.evaluation.metrics import MetricSettings
    from engine.evaluation.metrics.registry import metrics_of
    from engine.evaluation.paper.eyes import given_eyes
    from engine.evaluation.paper.miniature import Miniature, Size
    from engine.evaluation.paper.page import tables_markdown
    from engine.evaluation.samples import parse_samples
    from engine.training.recordings import read_library

    set_threads(threads)
    standard = Size()
    size = replace(
        standard,
        train_films=train_films,
        test_films=test_films,
        lm_training=replace(standard.lm_training, steps=steps),
    )
    metrics = metrics_of(None, MetricSettings(vggish, passt, imagebind, None))
    encoders = given_eyes(encoder or [])
    run = Miniature(read_library(sounds), out, size, log, codec=codec, encoders=encoders)
    text = tables_markdown(run.run(metrics, parse_samples(samples or [])), size, encoders)
    (out / "tables.md").write_text(text, encoding="utf-8")
    typer.echo(text)
    typer.echo(f"{out / 'tables.md'}")
