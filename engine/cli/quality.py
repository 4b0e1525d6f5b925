"""`foley evaluate default` and `foley evaluate codec`: is the model's sound worth keeping?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.options import (
    JsonOption,
    ModelOption,
    SoundsOption,
    ThreadsOption,
    log,
    set_threads,
    write_json,
)

FIGURES_FILE, CARD_FILE, SHEET_FILE = "quality.json", "quality.md", "sheet.png"
SYNC_FILE, SPOTTER_FILE = "sync.json", "spotter.json"

CodecOption = Annotated[
    Path | None,
    typer.Option("--codec", help="The folder of the codec's training, for a model that ships no encoder."),
]


def evaluate_default(
    sounds: SoundsOption,
    out: Annotated[Path, typer.Option("--out", help="Where figures, sheet and page go.")] = Path("quality"),
    model: ModelOption = None,
    videos: Annotated[Path | None, typer.Option(help="A folder of films, with sound or without.")] = None,
    codec: CodecOption = None,
    only: Annotated[str | None, typer.Option(help="Figures, with commas between; else all.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A third of the work, wider intervals.")] = False,
    page: Annotated[bool, typer.Option(help="Sheet and page too.")] = True,
    takes: Annotated[
        Path | None, typer.Option(help="Also a page of takes alone, in one file, to ship with the model.")
    ] = None,
    tables: Annotated[
        bool, typer.Option("--tables", help="The card's two tables too; twice the work.")
    ] = False,
    seed: int = 0,
    threads: ThreadsOption = 2,
) -> None:
    """Every figure of the model card from the files that ship, each beside its target: JSON, Markdown, sounds."""
    from engine.evaluation.quality.examples import examples_of
    from engine.evaluation.quality.fragment import as_lines, as_markdown
    from engine.evaluation.quality.opening import open_bench
    from engine.evaluation.quality.page import write_page, write_takes
    from engine.evaluation.quality.registry import chosen
    from engine.evaluation.quality.report import measure_quality
    from engine.evaluation.quality.sheet import sheet_png
    from engine.evaluation.quality.tables import measure_tables
    from engine.evaluation.spotting import as_table as spotting_table
    from engine.evaluation.sync import as_table as sync_table

    set_threads(threads)
    names = None if only is None else [name.strip() for name in only.split(",") if name.strip()]
    measures = chosen(names)
    bench = open_bench(sounds, model=model, videos=videos, codec=codec, quick=quick, seed=seed, log=log)
    report = measure_quality(bench, measures)
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / FIGURES_FILE, report)
    (out / CARD_FILE).write_text(as_markdown(report), encoding="utf-8")
    for line in as_lines(report.figures):
        typer.echo(line)
    examples = examples_of(bench) if page or takes is not None else []
    if takes is not None:
        write_takes(report, examples, takes)
    if tables:
        sync, spotting = measure_tables(bench, sounds)
        for file, told, table in (
            (SYNC_FILE, sync, sync_table(sync)),
            (SPOTTER_FILE, spotting, spotting_table(spotting)),
        ):
            write_json(out / file, told)
            typer.echo(table)
    if page:
        (out / SHEET_FILE).write_bytes(sheet_png(examples))
        typer.echo(f"{write_page(report, examples, out)}")


def evaluate_codec(
    codec: Annotated[Path, typer.Option("--codec", help="A codec's training run, or a model that encodes.")],
    sounds: SoundsOption,
    model: Annotated[
        Path | None, typer.Option("--model", help="Take codebooks and decoder from this model folder.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many held-out recordings.")] = 115,
    scenes: Annotated[int, typer.Option(min=1, help="How many rendered scenes.")] = 32,
    seed: int = 0,
    threads: ThreadsOption = 2,
    json: JsonOption = None,
) -> None:
    """Held-out recordings and what a codec makes of them: flatness, high band, distances beside Opus, hits."""
    from engine.evaluation.quality import FigureList
    from engine.evaluation.quality.codec import measure_codec
    from engine.evaluation.quality.codec_hits import hits_through
    from engine.evaluation.quality.codec_opening import codec_as_shipped
    from engine.evaluation.quality.fragment import as_lines
    from engine.pipeline import load_model
    from engine.training.recordings import read_library

    set_threads(threads)
    opened = codec_as_shipped(codec, None if model is None else load_model(model).codec)
    library = read_library(sounds, sample_rate=opened.config.sample_rate)
    figures = measure_codec(opened, library.of_split("held_out"), count, seed)
    figures.append(hits_through(opened, library, scenes, seed))
    for line in as_lines(figures):
        typer.echo(line)
    write_json(json, FigureList(figures))
