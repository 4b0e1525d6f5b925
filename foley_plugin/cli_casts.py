"""The commands for sounds that were cast by name: `cast`, `casts`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from foley_plugin.cli_output import readers_console
from foley_plugin.jobs.casts import cast_take
from foley_plugin.jobs.project import default_project_folder
from foley_plugin.takes.store import Store

CutArgument = Annotated[Path, typer.Argument(metavar="CUT", help="The timeline that foley was made for.")]
ProjectOption = Annotated[
    Path | None, typer.Option("--project", metavar="DIR", help="Project folder, instead of CUT.foley.")
]


def add_cast_commands(app: typer.Typer) -> None:
    app.command("cast")(cast_command)
    app.command("casts")(casts_command)


def cast_command(
    cut: CutArgument,
    take: Annotated[str, typer.Argument(metavar="TAKE", help="A take's number or file name.")],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Such as “Anna, boots, gravel”.")],
    project: ProjectOption = None,
) -> None:
    """Save a take as a sound that other cues go on from: generate --cast NAME."""
    folder = _folder(cut, project)
    Store.open(folder, read_only=True).close()  # a project that is not there is not made
    with Store.open(folder) as store:
        before = store.cast_book.cast(name)
        saved = cast_take(store, store.find_take(take), name)
    told = "" if before is None else f" (replaced “{before.name}”: {before.label})"
    readers_console().print(f"cast      {saved.name}: {saved.label}{told}", markup=False)


def casts_command(cut: CutArgument, project: ProjectOption = None) -> None:
    """List the sounds that were cast in a project."""
    with Store.open(_folder(cut, project), read_only=True) as store:
        casts, takes = store.cast_book.casts(), {take.id: take for take in store.takes()}
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("name", "label", "out of"):
        table.add_column(heading, overflow="fold")
    for each in casts:
        table.add_row(escape(each.name), each.label, Path(takes[each.take_id].wav).name)
    readers_console().print(table)


def _folder(cut: Path, project: Path | None) -> Path:
    return project if project is not None else default_project_folder(cut.absolute())
