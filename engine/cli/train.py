"""`foley train …`: the default model, or one part of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.options import DEFAULT_RUN, OutOption, SoundsOption, ThreadsOption, log, set_threads

train = typer.Typer(
    no_args_is_help=True, help="Train the default model, or one part of it; resumes where it stopped."
)


@train.command("scenes")
def train_scenes(sounds: SoundsOption, out: OutOption = DEFAULT_RUN, count: int = 6000) -> None:
    """Render the scenes that the tower and the language model learn from."""
    from engine.training import default_model
    from engine.training.recordings import read_library

    default_model.train_scenes(read_library(sounds), out, log, count=count)


@train.command("codec")
def train_codec(
    sounds: SoundsOption, out: OutOption = DEFAULT_RUN, steps: int = 2400, threads: ThreadsOption = 2
) -> None:
    """Train the codec."""
    from engine.training import default_model
    from engine.training.codec import CodecTraining
    from engine.training.recordings import read_library

    set_threads(threads)
    default_model.train_codec(read_library(sounds), out, log, CodecTraining(steps=steps))


@train.command("tower")
def train_tower(
    sounds: SoundsOption, out: OutOption = DEFAULT_RUN, steps: int = 1700, threads: ThreadsOption = 1
) -> None:
    """Train the image tower on the rendered scenes."""
    from engine.training import default_model
    from engine.training.recordings import read_library
    from engine.training.tower import TowerTraining

    set_threads(threads)
    default_model.train_tower(read_library(sounds), out, log, TowerTraining(steps=steps))


@train.command("encode")
def encode(sounds: SoundsOption, out: OutOption = DEFAULT_RUN, threads: ThreadsOption = 1) -> None:
    """Turn the scenes' sound into tokens of the trained codec."""
    from engine.training import default_model
    from engine.training.recordings import read_library

    set_threads(threads)
    default_model.encode(read_library(sounds), out, log)


@train.command("decoder")
def train_decoder(
    sounds: SoundsOption, out: OutOption = DEFAULT_RUN, steps: int = 700, threads: ThreadsOption = 1
) -> None:
    """Go on with the codec's decoder against a discriminator; tokens keep their meaning."""
    from engine.training import default_model
    from engine.training.decoder import DecoderTraining
    from engine.training.recordings import read_library

    set_threads(threads)
    default_model.train_decoder(read_library(sounds), out, log, DecoderTraining(steps=steps))


@train.command("lm")
def train_lm(
    sounds: SoundsOption, out: OutOption = DEFAULT_RUN, steps: int = 3600, threads: ThreadsOption = 2
) -> None:
    """Train the language model on the encoded scenes."""
    from engine.training import default_model
    from engine.training.lm import LMTraining
    from engine.training.recordings import read_library

    set_threads(threads)
    default_model.train_lm(read_library(sounds), out, log, LMTraining(steps=steps))


@train.command("spotter")
def train_spotter(out: OutOption = DEFAULT_RUN, minutes: float = 36.0, threads: ThreadsOption = 1) -> None:
    """Train the spotter on scenes drawn afresh."""
    from engine.training import default_model

    set_threads(threads)
    default_model.train_spotter(out, log, minutes=minutes)


@train.command("default")
def train_default(sounds: SoundsOption, out: OutOption = DEFAULT_RUN, threads: ThreadsOption = 2) -> None:
    """All stages of the default model, one after the other; what is done is not done again."""
    from engine.training import default_model
    from engine.training.recordings import read_library

    set_threads(threads)
    default_model.train_all(read_library(sounds), out, log)


@train.command("card")
def card(
    sounds: SoundsOption,
    target: Annotated[Path, typer.Argument(help="The model folder that the card is for.")],
    sync: Annotated[Path, typer.Option(help="What `evaluate sync --json` wrote.")],
    spotter: Annotated[Path, typer.Option(help="What `evaluate spotter --json` wrote.")],
    training: Annotated[Path, typer.Option(help="A text on how, on what and how long it was trained.")],
) -> None:
    """Write the model card from measured figures and the recordings' manifest."""
    from engine.training.card import write_card
    from engine.training.recordings import read_library

    write_card(target, read_library(sounds), sync=sync, spotter=spotter, training=training)


@train.command("pack")
def pack(sounds: SoundsOption, target: Path, out: OutOption = DEFAULT_RUN) -> None:
    """Write the trained parts as one model folder."""
    from engine.training import default_model
    from engine.training.recordings import read_library

    record = default_model.pack(read_library(sounds), out, target)
    size_mb = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    log(f"{target}: {size_mb:.1f} MB, sha256 {record.sha256}")
