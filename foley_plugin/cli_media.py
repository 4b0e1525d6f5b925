"""The command line's words on where media lie: options that several commands share, and `foley relink`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from foley_plugin.services.opening import open_cut, whereabouts
from foley_plugin.timeline.errors import SelectionError
from foley_plugin.timeline.media_places import MediaPlaces, Relink, relink_of, relinked
from foley_plugin.timeline.records import Reading

MAX_SHOWN = 12

MediaOption = Annotated[
    list[Path] | None,
    typer.Option("--media", metavar="DIR", help="Look for media here too, by name. Remembered."),
]
RelinkOption = Annotated[
    list[str] | None,
    typer.Option(
        "--relink", metavar="OLD=NEW", help="What the cut names under OLD is under NEW. Remembered."
    ),
]
NetworkOption = Annotated[
    bool, typer.Option("--network", help="Open media on network shares that the cut names. Remembered.")
]


def media_places(folders: list[Path] | None, relinks: list[str] | None, network: bool = False) -> MediaPlaces:
    """What the options say.

    Raises:
        SelectionError: a folder that is not there, or a relink without `=`.
    """
    for folder in folders or []:
        if not folder.expanduser().is_dir():
            raise SelectionError(f"There is no folder {folder} to look for media in; check --media.")
    paths = [str(folder.expanduser().absolute()) for folder in folders or []]
    return MediaPlaces(paths, [_relink(text) for text in relinks or []], network)


def relink_cut(
    cut: Path, old: str, new: Path, project: Path | None, reading: Reading, console: Console
) -> None:
    """Move a tree of media and tell what was found.

    Raises:
        SelectionError: NEW is not there, or no clip of the cut lies under OLD.
    """
    relink = relink_of(old, str(new)) if new.expanduser().exists() else _refuse(new)
    before = whereabouts(open_cut(cut, reading=reading, project=project))
    named = [*before.found, *before.offline]
    moved = [name for name in named if relinked(name, relink) is not None]
    if not moved:
        raise SelectionError(f"No clip of {cut.name} lies under {relink.old}; {_roots(named)}.")
    after = whereabouts(open_cut(cut, MediaPlaces(relinks=[relink]), project=project))
    console.print(f"{relink.old} is now {relink.new}", markup=False, soft_wrap=True)
    console.print(f"{len(after.found)} of {len(named)} media files found", markup=False)
    for name in after.offline[:MAX_SHOWN]:
        console.print(f"offline   {name}", markup=False, soft_wrap=True)
    if len(after.offline) > MAX_SHOWN:
        console.print(f"and {len(after.offline) - MAX_SHOWN} more", markup=False)


def _relink(text: str) -> Relink:
    """The first `=` after which something is there parts the two, since a path may hold one itself."""
    cuts = [place for place, sign in enumerate(text) if sign == "=" and text[:place] and text[place + 1 :]]
    if not cuts:
        raise SelectionError(f"“{text}” is no relink; write --relink OLD=NEW, two folders or two files.")
    there = (cut for cut in cuts if Path(text[cut + 1 :]).expanduser().exists())
    cut = next(there, None)
    if cut is None:
        return _refuse(Path(text[cuts[0] + 1 :]))
    return relink_of(text[:cut], text[cut + 1 :])


def _refuse(new: Path) -> Relink:
    raise SelectionError(f"There is nothing at {new} to relink to; check the path.")


def _roots(named: list[str]) -> str:
    folders = dict.fromkeys(name[: max(name.rfind("/"), name.rfind("\\"))] for name in named)
    folders.pop("", None)
    if not folders:
        return "its timeline names no folders: give --media DIR instead"
    shown = " and ".join(list(folders)[:2]) + (" and elsewhere" if len(folders) > 2 else "")
    return f"its media lie under {shown}"
