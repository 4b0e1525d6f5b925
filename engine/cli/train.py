"""`foley train …`: the paper's model on a prepared set, the default model, or one part of it.

Several processes: `torchrun --nproc-per-node N -m engine.cli train …`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from engine.cli.options import (
    DEFAULT_RUN,
    ClipsOption,
    HeardOption,
    JsonOption,
    OutOption,
    SoundsOption,
    SplitOption,
    ThreadsOption,
    log,
    set_threads,
    write_json,
)

if TYPE_CHECKING:
    from engine.training.recordings import RecordingLibrary

ParallelOption = Annotated[
    Literal["auto", "ddp", "fsdp"],
    typer.Option(
        help="Under torchrun: ddp, or fsdp for what does not fit. auto: ddp there, else one process."
    ),
]
BoardOption = Annotated[
    bool | None, typer.Option("--tensorboard/--no-tensorboard", help="On where it is installed.")
]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="Settings as TOML.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="NAME=VALUE, over the preset and the file; may be given again."),
]
StepsOption = Annotated[int | None, typer.Option(min=1, help="How many; the preset's if not given.")]

train = typer.Typer(
    no_args_is_help=True, help="Train a model, or one part of it; a second start goes on where it stopped."
)


@train.command("scenes")
def train_scenes(
    sounds: SoundsOption,
    out: OutOption = DEFAULT_RUN,
    count: Annotated[int, typer.Option(min=1, help="Scenes of 10 s.")] = 24_000,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    layered: Annotated[
        bool,
        typer.Option("--layered", help="Each hit by two recordings at once: less is given back of either."),
    ] = False,
) -> None:
    """Render the scenes that the tower and the language model learn from."""
    from engine.training import default_model

    library = _default_library(sounds)
    default_model.train_scenes(library, out, log, count=count, workers=workers, layered=layered)


@train.command("codec")
def train_codec(
    sounds: HeardOption,
    clips: ClipsOption = None,
    split: SplitOption = "train",
    out: OutOption = DEFAULT_RUN,
    preset: str = "foley-tiny",
    steps: StepsOption = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    parallel: ParallelOption = "auto",
    tensorboard: BoardOption = None,
    threads: ThreadsOption = 2,
) -> None:
    """Train the codec on recordings, or find it, into OUT/codec. Presets: foley-tiny (found), foleygen (trained)."""
    from engine.training import codec_run
    from engine.training.distributed import joined
    from engine.training.film_recordings import read_sounds
    from engine.training.presets import codec_preset
    from engine.training.settings import read_settings

    set_threads(threads)
    shape, training = codec_preset(preset)
    settings = read_settings(config, [*(set_ or ()), *_steps(steps)])
    with joined(parallel) as ranks:
        codec_run.train_codec(
            read_sounds(sounds, clips, split=split, sample_rate=shape.sample_rate),
            shape,
            training,
            settings,
            out,
            log,
            ranks=ranks,
            tensorboard=tensorboard,
        )


@train.command("tower")
def train_tower(
    sounds: SoundsOption,
    out: OutOption = DEFAULT_RUN,
    config: ConfigOption = None,
    set_: SetOption = None,
    threads: ThreadsOption = 1,
) -> None:
    """Train the image tower on the rendered scenes."""
    from engine.training import default_model
    from engine.training.settings import read_settings

    set_threads(threads)
    default_model.train_tower(_default_library(sounds), out, log, read_settings(config, set_ or ()))


@train.command("encode")
def encode(sounds: SoundsOption, out: OutOption = DEFAULT_RUN, threads: ThreadsOption = 1) -> None:
    """Turn the scenes' sound into tokens of the trained codec."""
    from engine.training import default_model

    set_threads(threads)
    default_model.encode(_default_library(sounds), out, log)


@train.command("decoder")
def train_decoder(
    sounds: HeardOption,
    clips: ClipsOption = None,
    split: SplitOption = "train",
    out: OutOption = DEFAULT_RUN,
    config: ConfigOption = None,
    set_: SetOption = None,
    threads: ThreadsOption = 1,
) -> None:
    """Go on with the codec's decoder against a discriminator; tokens keep their meaning."""
    from engine.training import default_model
    from engine.training.film_recordings import read_sounds
    from engine.training.settings import read_settings

    set_threads(threads)
    rate = default_model.codec_config(out).sample_rate
    library = read_sounds(sounds, clips, split=split, sample_rate=rate)
    default_model.train_decoder(library, out, log, read_settings(config, set_ or ()))


@train.command("lm")
def train_lm(
    data: Annotated[Path | None, typer.Option(help="A set that `foley data prepare` made.")] = None,
    sounds: Annotated[
        Path | None, typer.Option(help="Without --data: the recordings of the default model.")
    ] = None,
    out: OutOption = DEFAULT_RUN,
    preset: Annotated[
        str, typer.Option(help="foleygen (the paper), foleygen-sync, foley-tiny.")
    ] = "foleygen",
    steps: StepsOption = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Rows of the global batch.")] = None,
    seconds: Annotated[float | None, typer.Option(min=1, max=10, help="The longest crops.")] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    codec: Annotated[
        Path | None, typer.Option(help="To hear examples; looked for beside --out and --data.")
    ] = None,
    parallel: ParallelOption = "auto",
    tensorboard: BoardOption = None,
    threads: ThreadsOption = 2,
) -> None:
    """Train the language model into OUT/lm: with --data on a prepared set, else on the default model's scenes.

    `--set lm.visual_attention=causal`, `--set lm.sync=none`, `--set lm.num_layers=2`, `--set accumulate=8`, …
    """
    from engine.training import default_model, lm_run
    from engine.training.distributed import joined
    from engine.training.presets import lm_preset
    from engine.training.settings import read_settings

    set_threads(threads)
    pairs = [*(set_ or ()), *_steps(steps)]
    pairs += [f"cropping.rows={batch}"] if batch else []
    pairs += [f"cropping.max_s={seconds}"] if seconds else []
    settings = read_settings(config, pairs)
    if (data is None) == (sounds is None):
        raise typer.BadParameter(
            "Give --data for a prepared set, or --sounds for the default model's scenes."
        )
    with joined(parallel) as ranks:
        if data is not None:
            lm_run.train_on_set(
                data, lm_preset(preset), settings, out, log, ranks=ranks, codec=codec, tensorboard=tensorboard
            )
        elif sounds is not None:
            default_model.train_lm(
                _default_library(sounds), out, log, settings, ranks=ranks, tensorboard=tensorboard
            )


@train.command("spotter")
def train_spotter(
    out: OutOption = DEFAULT_RUN,
    steps: Annotated[int | None, typer.Option(min=1, help="Exact; instead of --minutes.")] = None,
    minutes: Annotated[float, typer.Option(help="Of processor time.")] = 36.0,
    config: ConfigOption = None,
    set_: SetOption = None,
    parallel: ParallelOption = "auto",
    tensorboard: BoardOption = None,
    threads: ThreadsOption = 1,
) -> None:
    """Train the spotter on scenes drawn afresh, into OUT/spotter."""
    from engine.training import default_model
    from engine.training.distributed import joined
    from engine.training.settings import read_settings

    set_threads(threads)
    settings = {"minutes": minutes, **read_settings(config, [*(set_ or ()), *_steps(steps)])}
    with joined(parallel) as ranks:
        default_model.train_spotter(out, log, settings, ranks=ranks, tensorboard=tensorboard)


@train.command("join")
def join(
    spotters: Annotated[list[Path], typer.Argument(help="Folders of trained spotters (OUT/spotter/final).")],
    out: OutOption = DEFAULT_RUN,
    threads: ThreadsOption = 2,
) -> None:
    """Join spotters that were trained apart into OUT/spotter/final: it says the mean of what each would."""
    from engine.training import default_model

    set_threads(threads)
    default_model.join_spotters(spotters, out)


@train.command("ear")
def train_ear(sounds: SoundsOption, out: OutOption = DEFAULT_RUN, threads: ThreadsOption = 1) -> None:
    """Train foley-ear, the embedding and classifier of `foley evaluate`; it is left in OUT/ear/final."""
    from engine.training import ear
    from engine.training.recordings import read_library

    set_threads(threads)
    accuracy = ear.train_ear(read_library(sounds), out, log)
    log(f"held-out recordings: label {accuracy.label:.3f}, family {accuracy.family:.3f}")


@train.command("default")
def train_default(
    sounds: SoundsOption,
    out: OutOption = DEFAULT_RUN,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=1,
            help="By the clock: stages run side by side, for a GPU that is lent. To train one that is done "
            "further, delete OUT/logs/STAGE.done.",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="With --minutes: processes that draw.")] = 14,
    threads: ThreadsOption = 2,
) -> None:
    """All stages of the default model, one after the other; what is done is not done again."""
    from engine.training import default_model

    set_threads(threads)
    if minutes is not None:
        default_model.train_by_clock(sounds, out, log, minutes=minutes, workers=workers)
        return
    default_model.train_all(_default_library(sounds), out, log)


@train.command("card")
def card(
    sounds: SoundsOption,
    target: Annotated[Path, typer.Argument(help="The model folder that the card is for.")],
    sync: Annotated[Path, typer.Option(help="What `evaluate sync --json` wrote.")],
    spotter: Annotated[Path, typer.Option(help="What `evaluate spotter --json` wrote.")],
    training: Annotated[Path, typer.Option(help="A text on how, on what and how long it was trained.")],
    quality: Annotated[Path | None, typer.Option(help="What `evaluate default` wrote as JSON.")] = None,
) -> None:
    """Write the model card from measured figures and the recordings' manifest."""
    from engine.training.card import write_card
    from engine.training.recordings import read_library

    write_card(target, read_library(sounds), sync=sync, spotter=spotter, training=training, quality=quality)


@train.command("unpack")
def unpack(
    model: Annotated[Path, typer.Argument(help="A model folder of the default model's kind.")],
    out: OutOption = DEFAULT_RUN,
) -> None:
    """Lay a model's parts into OUT, for its trainings to go on from; what is there already is refused."""
    from engine.training.unpacking import unpack_model

    unpack_model(model, out)
    log(f"{out}: the codec, tower, language model and spotter of {model}")


@train.command("pack")
def pack(
    target: Annotated[Path, typer.Argument(help="The model folder to write.")],
    out: OutOption = DEFAULT_RUN,
    sounds: Annotated[Path | None, typer.Option(help="Recordings, where OUT is the default model's.")] = None,
    codec: Annotated[Path | None, typer.Option(help="The codec's folder; OUT/codec if not given.")] = None,
    encoder: Annotated[
        str | None,
        typer.Option(help="As it was given to `foley data prepare`, where OUT learned from a set."),
    ] = None,
    spotter: Annotated[
        Path | None, typer.Option(help="A trained spotter's folder; OUT's, else the default model's.")
    ] = None,
) -> None:
    """Write the trained parts as one model folder, for `--model TARGET`."""
    from engine.training import default_model
    from engine.training.packing import pack_run
    from engine.visual.encoders import parse_encoder

    if encoder is not None:
        own = out / "spotter" / "final"
        record = pack_run(
            out,
            target,
            codec=codec or out / "codec",
            encoder=parse_encoder(encoder),
            spotter=spotter or (own if own.is_dir() else None),
        )
    elif sounds is not None:
        record = default_model.pack(_default_library(sounds), out, target)
    else:
        raise typer.BadParameter(
            "Give --encoder for a run on a prepared set, or --sounds for the default model's."
        )
    size_mb = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    log(f"{target}: {size_mb:.1f} MB, sha256 {record.sha256}")


@train.command("toy")
def toy(
    out: OutOption = Path("runs/toy"),
    sounds: Annotated[Path | None, typer.Option(help="Recordings; made-up ones if not given.")] = None,
    threads: ThreadsOption = 2,
    json: JsonOption = None,
) -> None:
    """Train a whole tiny model in minutes and show that the loss falls and that its sounds fall on the hits."""
    from engine.training.made_up import made_up_library
    from engine.training.recordings import read_library
    from engine.training.toy import as_text, train_toy

    set_threads(threads)
    library = made_up_library() if sounds is None else read_library(sounds)
    report = train_toy(library, out, log)
    typer.echo(as_text(report))
    write_json(json, report)


@train.command("cost")
def cost(
    preset: Annotated[str, typer.Option(help="foleygen, foleygen-sync, foley-tiny.")] = "foleygen",
    config: ConfigOption = None,
    set_: SetOption = None,
    json: JsonOption = None,
) -> None:
    """What a training takes, the codec's and the preparation too: operations, memory, GPU hours, money."""
    from engine.training.cost_table import as_table, run_cost
    from engine.training.presets import lm_preset
    from engine.training.settings import changed, read_settings, split_by

    chosen = lm_preset(preset)
    of_model, of_training = split_by(read_settings(config, set_ or ()), "lm", "codec")
    figures = run_cost(changed(chosen.model, of_model), changed(chosen.training, of_training))
    typer.echo(as_table(figures))
    write_json(json, figures)


def _default_library(sounds: Path) -> RecordingLibrary:
    """The recordings as the default model's codec hears them."""
    from engine.config import FOLEY_TINY
    from engine.training.recordings import read_library

    return read_library(sounds, sample_rate=FOLEY_TINY.codec.sample_rate)


def _steps(steps: int | None) -> list[str]:
    return [] if steps is None else [f"steps={steps}"]
