"""`foley data …`: clips to training data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from engine.cli.options import SoundsOption, log

data = typer.Typer(no_args_is_help=True, help="Turn clips into training data.")


@data.callback()
def _root() -> None:
    """Commands follow."""


@data.command("render")
def render(
    sounds: SoundsOption,
    out: Annotated[Path, typer.Option("--out", help="Where the films go; a second start goes on in it.")],
    count: Annotated[int, typer.Option(min=1, help="How many films.")] = 100,
    seeds: Annotated[
        Literal["train", "validation", "test"], typer.Option(help="Scenes and recordings of which split.")
    ] = "train",
    duration_s: Annotated[float, typer.Option("--duration", min=1.0, help="Seconds a film.")] = 10.0,
    size: Annotated[str, typer.Option(help="Pixels, WIDTHxHEIGHT, even.")] = "160x120",
    label: Annotated[list[str] | None, typer.Option(help="Only this label; may be given again.")] = None,
) -> None:
    """Render scenes as films with sound, each with a NAME.json of its hits and its label."""
    from engine.training.recordings import read_library
    from engine.training.scene_films import SceneFilms, write_scene_films

    width, height = _pixels(size)
    films = SceneFilms(seeds, duration_s, width, height, tuple(label or ()))
    write_scene_films(
        out,
        read_library(sounds),
        count,
        films,
        on_film=lambda done: log(f"{done} of {count} films") if done % 25 == 0 or done == count else None,
    )


def _pixels(size: str) -> tuple[int, int]:
    width, by, height = size.partition("x")
    if not (by and width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise typer.BadParameter(f"{size!r} is no size; give one like 160x120.", param_hint="--size")
    return int(width), int(height)
