"""`foley data …`: clips to training data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from engine.cli.options import JsonOption, SoundsOption, log, write_json

if TYPE_CHECKING:
    from engine.training.prepare.executor import Executor
    from engine.training.prepare.listing import Listing
    from engine.training.prepare.manifest import Manifest
    from engine.training.prepare.run import Progress

data = typer.Typer(no_args_is_help=True, help="Turn clips into training data.")


@data.command("prepare")
def prepare_(
    source: Annotated[Path, typer.Argument(help="A folder of films with sound, or a CSV as VGGSound's.")],
    out: Annotated[Path, typer.Option("--out", help="The set's folder; a second start goes on in it.")],
    codec: Annotated[Path, typer.Option(help="A codec's training run, or a model folder that can encode.")],
    clips: Annotated[
        Path | None, typer.Option(help="Where a CSV's films lie; beside it if not given.")
    ] = None,
    encoder: Annotated[
        str, typer.Option(help="KIND:WEIGHTS; the default model's own if not given.")
    ] = "tower:",
    split: Annotated[str, typer.Option(help="Which lines of a CSV; a name for a folder's clips.")] = "train",
    labels: Annotated[
        Path | None, typer.Option(help="A set whose labels' numbers are kept, or a text file, one a line.")
    ] = None,
    features_per_s: Annotated[int, typer.Option(min=1, max=25, help="Pictures looked at a second.")] = 2,
    shard_size: Annotated[int, typer.Option(min=1, help="Clips a shard.")] = 256,
    workers: Annotated[int, typer.Option(min=1, help="Processes, each of one thread.")] = 1,
    on: Annotated[
        str, typer.Option(help="`here`, `ray` on this machine, or ray:ADDRESS of a cluster.")
    ] = "here",
    device: Annotated[str, typer.Option(help="Where codec and encoder compute: cpu or cuda.")] = "cpu",
    clip_timeout: Annotated[
        float, typer.Option(min=1.0, help="Seconds after which a film is given up.")
    ] = 600.0,
) -> None:
    """Turn films with sound into a set to train on: tokens, visual features, hits, curves and labels.

    Sharded, checksummed and resumable: the same command goes on where a run was broken off. Films that cannot be
    used are listed with the reason. Nothing is downloaded.
    """
    from engine.training.prepare.run import Preparation, prepare
    from engine.visual.encoders import parse_encoder

    preparation = Preparation(codec, parse_encoder(encoder), features_per_s, shard_size, device, clip_timeout)
    listing = _listing(source, clips, split, labels)
    try:
        with _bar() as on_progress:
            manifest = prepare(listing, out, preparation, _executor(on, workers), on_progress=on_progress)
    except KeyboardInterrupt:
        typer.echo("Stopped; the same command goes on with what is left.", err=True)
        raise typer.Exit(130) from None
    typer.echo(_summary(manifest))


@data.command("check")
def check(
    folder: Annotated[Path, typer.Argument(help="A set that `foley data prepare` made.")],
    json: JsonOption = None,
) -> None:
    """Verify a set's checksums, and list its broken clips and its labels."""
    from engine.training.prepare.manifest import read_manifest
    from engine.training.prepared import damaged_files

    manifest = read_manifest(folder)
    damaged = damaged_files(folder, manifest)
    for name, count in manifest.pieces_per_label.items():
        typer.echo(f"{count:>8}  {name or '(no label)'}")
    for clip in manifest.broken:
        typer.echo(f"broken: {clip.name}: {clip.reason}")
    for name in damaged:
        typer.echo(f"damaged: {name}: delete it and run `foley data prepare` again.", err=True)
    typer.echo(_summary(manifest))
    write_json(json, manifest)
    if damaged:
        raise typer.Exit(1)


def _listing(source: Path, clips: Path | None, split: str, labels: Path | None) -> Listing:
    from engine.training.prepare.listing import list_csv, list_folder, read_labels

    numbered = None if labels is None else read_labels(labels)
    if source.is_dir():
        return list_folder(source, split=split, labels=numbered)
    return list_csv(source, clips or source.parent, split=split, labels=numbered)


def _executor(on: str, workers: int) -> Executor:
    from engine.training.prepare.cluster import Cluster
    from engine.training.prepare.processes import Processes

    where, _, address = on.partition(":")
    if where not in ("here", "ray") or (where == "here" and address):
        raise typer.BadParameter(f"{on!r} is none of here, ray, ray:ADDRESS.", param_hint="--on")
    return Processes(workers) if where == "here" else Cluster(address or None, workers)


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    """A line on the terminal that grows; nothing but its end where there is no terminal."""
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("clips"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn("{task.fields[broken]} broken"),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("clips", broken=0)
        yield lambda now: bar.update(task, completed=now.done, total=now.total, broken=now.broken)


def _summary(manifest: Manifest) -> str:
    plan = manifest.plan
    size_mb = sum(entry.size_bytes for entry in manifest.shards) / 1e6
    return (
        f"{manifest.num_clips} clips in {manifest.num_pieces} pieces of {manifest.duration_s / 60:.1f} min in all, "
        f"{len(plan.labels)} labels, {len(manifest.shards)} shards ({size_mb:.1f} MB), {len(manifest.broken)} broken"
    )


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
