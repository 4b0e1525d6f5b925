"""A training of a language model on a prepared set, and what it writes down of itself for `foley train pack`.

RUN/lm/model.json   the model's shape, and which codec and encoder made what it learned from
RUN/lm/state.pt, RUN/lm/log.jsonl, RUN/lm/tensorboard/
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from engine.codec.encodec import Encodec
from engine.config import ModelConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound, FoleyError, RequestError
from engine.training.board import open_board
from engine.training.distributed import Ranks
from engine.training.lm import LMTrainer
from engine.training.prepare.manifest import CodecIdentity, EncoderIdentity, Plan
from engine.training.prepare.tools import identity_of, open_codec
from engine.training.prepared import PreparedSet
from engine.training.presets import LMPreset, fitted
from engine.training.scenes.labels import CONTINUOUS_LABELS
from engine.training.settings import changed, split_by
from engine.training.state import STATE_FILE, step_of

Log = Callable[[str], None]

ABOUT_FILE = "model.json"
CODEC_FOLDERS = ("decoder", "codec")
"""Where `foley train` leaves codecs; the better decoder first."""


class LMRun(Struct, frozen=True):
    """What a trained language model is, and what it was trained on."""

    model: ModelConfig
    codec: CodecIdentity
    encoder: EncoderIdentity


def train_on_set(
    data: Path,
    preset: LMPreset,
    settings: Mapping[str, Any],
    out: Path,
    log: Log,
    *,
    ranks: Ranks,
    codec: Path | None = None,
    tensorboard: bool | None = None,
) -> LMTrainer:
    """Train on what `foley data prepare` made; goes on where it stopped.

    Args:
        settings: over the preset's; `lm.…` and `codec.…` are the model's, the others the training's.
        codec: the codec's folder, to hear examples in TensorBoard; if not given, looked for in `out` and beside `data`.

    Raises:
        DataError, RequestError, CheckpointCorrupt, TrainingDiverged.
    """
    corpus = PreparedSet(data, verify=ranks.is_first)
    of_model, of_training = split_by(settings, "lm", "codec")
    plan = corpus.manifest.plan
    run = LMRun(changed(model_for(preset, plan), of_model), plan.codec, plan.encoder)
    training = changed(preset.training, of_training)
    folder = out / "lm"
    if ranks.is_first:
        _write_about(folder, run)
        log(
            f"{len(corpus)} clips, {corpus.manifest.duration_s / 3600:.1f} h; {run.model.name}: "
            f"{run.model.lm.num_layers} layers of {run.model.lm.dim}"
        )
    board = open_board(folder, step_of(folder), wanted=tensorboard, log=log) if ranks.is_first else None
    decoder = None if board is None else _heard_by(run.codec, codec, out, data, log)
    trainer = LMTrainer(
        run.model.lm,
        run.model.codec,
        training,
        corpus,
        folder,
        log,
        ranks=ranks,
        board=board,
        decoder=decoder,
    )
    trainer.run()
    if board is not None:
        board.close()
    return trainer


def _heard_by(tokens: CodecIdentity, given: Path | None, out: Path, data: Path, log: Log) -> Encodec | None:
    """The codec that made the tokens: the one that is given, or one of the run's or the set's own.

    Raises:
        RequestError: the one that is given made other tokens.
    """
    if given is not None:
        codec = open_codec(given)
        if identity_of(codec) != tokens:
            raise RequestError(f"The codec in {given} did not make the set's tokens: leave --codec out.")
        return codec
    for place in (out, data.parent):
        for name in CODEC_FOLDERS:
            with contextlib.suppress(FoleyError):
                codec = open_codec(place / name)
                if identity_of(codec) == tokens:
                    log(f"examples are heard by the codec in {place / name}")
                    return codec
    log("the board has no sounds: give the set's codec by --codec")
    return None


def model_for(preset: LMPreset, plan: Plan) -> ModelConfig:
    """The preset's model with the set's labels, widths and codebooks.

    Raises:
        RequestError: the set's tokens have another rate than the preset's codec.
    """
    model = preset.model
    labels = plan.labels if preset.takes_labels else ()
    if plan.codec.frame_rate != model.codec.frame_rate:
        raise RequestError(
            f"The set has {plan.codec.frame_rate} tokens a second, the preset {model.name} has "
            f"{model.codec.frame_rate}: prepare the set with another codec."
        )
    return msgspec.structs.replace(
        model,
        codec=msgspec.structs.replace(
            model.codec, num_codebooks=plan.codec.num_codebooks, codebook_size=plan.codec.codebook_size
        ),
        lm=fitted(
            model.lm,
            labels=labels,
            visual_dim=plan.encoder.width,
            prompt_dim=plan.encoder.prompt_dim,
            num_codebooks=plan.codec.num_codebooks,
            codebook_size=plan.codec.codebook_size,
        ),
        encoder=None,
        continuous_labels=tuple(label for label in labels if label in CONTINUOUS_LABELS),
    )


def read_about(folder: Path) -> LMRun:
    """
    Raises:
        CheckpointNotFound: no training on a prepared set was begun there.
        CheckpointCorrupt: what it says of itself cannot be read.
    """
    path = folder / ABOUT_FILE
    if not path.is_file():
        raise CheckpointNotFound(
            f"There is no language model in {folder}: run `foley train lm --data …` first."
        )
    try:
        return msgspec.json.decode(path.read_bytes(), type=LMRun)
    except msgspec.MsgspecError as error:
        raise CheckpointCorrupt(f"The file {path} cannot be read ({error}): train again.") from error


def _write_about(folder: Path, run: LMRun) -> None:
    """
    Raises:
        CheckpointCorrupt: another model or set was begun with in this folder.
    """
    # Without a state nothing was learned yet: a start that failed stands in nobody's way.
    begun = (folder / STATE_FILE).is_file() and (folder / ABOUT_FILE).is_file()
    if begun and read_about(folder) != run:
        raise CheckpointCorrupt(
            f"The training in {folder} was begun with another model or another set: choose another --out."
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ABOUT_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
