"""`foley listen`: ask people which of two sounds they prefer."""

from __future__ import annotations

import signal
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.options import JsonOption, write_json


def listen(
    clips: Annotated[
        Path | None,
        typer.Argument(metavar="[CLIPS]", help="A folder of films; not needed to go on with a study."),
    ] = None,
    samples: Annotated[
        list[str] | None,
        typer.Option(
            "--samples",
            metavar="NAME=DIR",
            help="A system, and the folder of its sounds: one WAV a film's stem.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The study's folder.")] = Path(
        "listening"
    ),
    pairs: Annotated[
        int | None, typer.Option(min=1, help="Trials a listener; all there are, up to 40, if not given.")
    ] = None,
    catches: Annotated[
        int, typer.Option(min=0, help="Trials against silence beside them, to know who listens.")
    ] = 0,
    seed: int = 0,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page at once.")] = True,
    results: Annotated[bool, typer.Option("--results", help="Tell what was found so far.")] = False,
    attentive_only: Annotated[
        bool, typer.Option("--attentive-only", help="Count nobody who missed a catch trial.")
    ] = False,
    json: JsonOption = None,
) -> None:
    """Blind pairs on a page of this machine: overall quality, relevance, alignment; then `--results`."""
    from engine.evaluation.listening import making
    from engine.evaluation.listening import results as found
    from engine.evaluation.listening.study import answer_file, open_study
    from engine.evaluation.samples import parse_samples

    if results:
        study = open_study(out)
        figures = found.results_of(answer_file(out).read(), study.plan.systems, attentive_only=attentive_only)
        typer.echo(found.as_table(figures))
        write_json(json, figures)
        return
    if clips is None:
        study = open_study(out)
    else:
        study = making.make_study(
            clips,
            parse_samples(samples or []),
            out,
            num_trials=pairs,
            num_catches=catches,
            seed=seed,
            on_film=lambda name, done, total: typer.echo(f"film {done + 1} of {total}: {name}"),
        )
        for name, reason in study.left_out.items():
            typer.echo(f"left out: {name}. {reason}")
    _serve(out, port, browser)


def _serve(folder: Path, port: int, browser: bool) -> None:
    from engine.evaluation.listening.server import StudyServer
    from engine.evaluation.listening.study import open_study

    with StudyServer(open_study(folder), folder, port) as server:
        typer.echo(f"Listen at {server.url} (Ctrl-C ends; every answer is kept in {folder}).")
        if browser:
            webbrowser.open(server.url)
        # A shell that starts it in the background lets it ignore Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("Ended.")
