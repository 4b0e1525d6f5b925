"""The paper's model from a list of clips to a model folder: each stage a command of its own, one after the other.

    OUT/codec -> OUT/decoder -> OUT/set -> OUT/lm (-> OUT/spotter) -> OUT/model

Stages run, resume and fail as those of the default model do (`engine.training.stages`). What only a later stage would
stumble over is looked at before the first: the clips, the encoder's weights, the settings.

To train a stage further, delete its mark and give it more steps. A codec trained further makes other tokens, and what
was made of the old ones refuses them: for that delete OUT/decoder, OUT/set and OUT/lm as well, with their marks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from engine.errors import RequestError
from engine.training.codec import CodecTraining
from engine.training.cost import lm_memory_bytes
from engine.training.film_recordings import library_of
from engine.training.lm import LMTraining
from engine.training.prepare.listing import list_csv, list_folder
from engine.training.presets import ENCODEC_DECODER, LMPreset, codec_preset, lm_preset
from engine.training.recordings import MANIFEST
from engine.training.settings import changed, read_settings, split_by
from engine.training.spotter import SpotterTraining
from engine.training.stages import Command, Stage, run_stages
from engine.visual.encoders import open_encoder, parse_encoder

Log = Callable[[str], None]

CODEC_PRESET = "foleygen"
"""Of every preset that this recipe is for."""
TRAINED = ("codec", "decoder", "lm", "spotter")
"""The stages whose settings can be changed."""
SHARED = ("codec", "lm", "spotter")
"""Those that several GPUs share."""
MEMORY_SHARE = 0.75
"""Of a GPU's memory: activations are known within a fifth."""


@dataclass(frozen=True)
class Recipe:
    """What is trained, on what, on how many GPUs. `pairs` are NAME=VALUE by stage, over the preset's."""

    preset: str
    source: Path
    clips: Path | None
    split: str
    out: Path
    encoder: str
    gpus: int = 1
    workers: int = 1
    device: str = "cpu"
    pairs: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def model(self) -> Path:
        return self.out / "model"

    def settings(self, stage: str) -> dict[str, Any]:
        return read_settings(None, self.pairs.get(stage, ()))


def run_recipe(recipe: Recipe, log: Log) -> None:
    """Every stage that is not done yet; killed and started again it goes on.

    Raises:
        RequestError, DataError, CheckpointError: a stage could not run; said before the first begins.
        TrainingFailed: a stage did not end well.
    """
    preset = lm_preset(recipe.preset)
    refuse_what_cannot_run(recipe, preset)
    log(f"what each stage says goes to {recipe.out / 'logs'}; the model will be in {recipe.model}")
    # No stage is told a time, so none is given.
    run_stages(stages_of(recipe, preset), 0.0, recipe.out, log, command=command_of(recipe.gpus))


def refuse_what_cannot_run(recipe: Recipe, preset: LMPreset) -> None:
    """
    Raises:
        RequestError, DataError, CheckpointError: see `run_recipe`.
    """
    if preset.model.codec != codec_preset(CODEC_PRESET)[0]:
        raise RequestError(f"The preset {recipe.preset} has a recipe of its own: `foley train default`.")
    strange = [stage for stage in recipe.pairs if stage not in TRAINED]
    if strange:
        raise RequestError(f"There are no settings of {strange[0]}: choose among {', '.join(TRAINED)}.")
    on_machine = torch.cuda.device_count()
    if on_machine and recipe.gpus > on_machine:
        raise RequestError(f"This machine has {on_machine} GPUs, not {recipe.gpus}: give fewer --gpus.")
    _refuse_settings(recipe, preset)
    open_encoder(parse_encoder(recipe.encoder))
    _refuse_no_films(recipe)


def _refuse_settings(recipe: Recipe, preset: LMPreset) -> None:
    codec, codec_training = codec_preset(CODEC_PRESET)
    of_codec, of_training = split_by(recipe.settings("codec"), "codec")
    changed(codec, {name.removeprefix("codec."): value for name, value in of_codec.items()})
    trained = changed(codec_training, of_training)
    if isinstance(trained, CodecTraining) and trained.batch % (recipe.gpus * trained.accumulate):
        raise RequestError(
            f"The codec's batch of {trained.batch} cannot be shared equally by {recipe.gpus} GPUs: "
            "set codec:batch to a multiple."
        )
    changed(ENCODEC_DECODER, recipe.settings("decoder"))
    of_model, of_training = split_by(recipe.settings("lm"), "lm", "codec")
    changed(preset.model, of_model)
    changed(preset.training, of_training)
    changed(SpotterTraining(), recipe.settings("spotter"))


def _refuse_no_films(recipe: Recipe) -> None:
    """Whoever decodes them finds out which are broken; that there are any is known at once."""
    source = recipe.source
    if (source / MANIFEST).is_file():
        raise RequestError(f"{source} holds recordings with a {MANIFEST}: give films with sound.")
    if source.is_dir():
        listing = list_folder(source, split=recipe.split)
    else:
        listing = list_csv(source, recipe.clips or source.parent, split=recipe.split)
    library_of(listing, codec_preset(CODEC_PRESET)[0].sample_rate)


def stages_of(recipe: Recipe, preset: LMPreset) -> list[Stage]:
    """The commands, each after the one before. A spotter is trained where the preset listens to hits."""
    heard = ("--split", recipe.split, *(() if recipe.clips is None else ("--clips", str(recipe.clips))))
    sounds = ("--sounds", str(recipe.source), *heard)
    out, data, codec = ("--out", str(recipe.out)), str(recipe.out / "set"), str(recipe.out / "decoder")
    eyes = ("--encoder", recipe.encoder)
    shared = max(1, recipe.workers // recipe.gpus)
    draws, shares = (f"workers={workers}" for workers in (recipe.workers, shared))
    prepares = ("--workers", str(recipe.workers), "--device", recipe.device, "--codec", codec, *eyes)
    plan: list[tuple[str, tuple[str, ...], list[str]]] = [
        ("codec", ("train", "codec", *sounds, *out, "--preset", CODEC_PRESET), [shares]),
        ("decoder", ("train", "decoder", *sounds, *out), [draws]),
        ("prepare", ("data", "prepare", str(recipe.source), *heard, "--out", data, *prepares), []),
        (
            "lm",
            ("train", "lm", "--data", data, *out, "--preset", recipe.preset),
            [f"workers={min(4, shared)}", *_accumulated(recipe, preset)],
        ),
    ]
    if preset.model.lm.sync is not None:
        plan.append(("spotter", ("train", "spotter", *out), []))
    plan.append(("pack", ("train", "pack", str(recipe.model), *out, "--codec", codec, *eyes), []))
    before: tuple[str, ...] = ()
    stages = []
    for name, words, own in plan:
        pairs = [*own, *recipe.pairs.get(name, ())]
        stages.append(Stage(name, (*words, *(word for pair in pairs for word in ("--set", pair))), before))
        before = (name,)
    return stages


def command_of(gpus: int) -> Command:
    """The engine's own command; under torchrun, where several GPUs share the stage."""
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(gpus))

    def command(stage: Stage, minutes: float | None) -> list[str]:
        starts = torchrun if gpus > 1 and stage.name in SHARED else ()
        return [sys.executable, *starts, "-m", "engine.cli", *stage.words]

    return command


def fitting_parts(preset: LMPreset, training: LMTraining, gpus: int, memory_bytes: int) -> int:
    """In how many parts a step's rows go through the model, so that one fits into a GPU: the curve stays the same."""
    frames = round(training.cropping.max_s * preset.model.codec.frame_rate)
    rows = -(-(training.cropping.rows or max(1, training.cropping.frames_per_step // frames)) // gpus)
    for parts in range(1, rows):
        needed = lm_memory_bytes(
            preset.model.lm,
            preset.model.codec.frame_rate,
            rows=-(-rows // parts),
            num_frames=frames,
            recompute=training.recompute,
        )
        if sum(needed) <= MEMORY_SHARE * memory_bytes:
            return parts
    return rows


def available_workers() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _accumulated(recipe: Recipe, preset: LMPreset) -> list[str]:
    """How a step is cut where there is a GPU; a pair that is given comes later, and wins."""
    if not torch.cuda.is_available():
        return []
    _, of_training = split_by(recipe.settings("lm"), "lm", "codec")
    training = changed(preset.training, of_training)
    memory = torch.cuda.get_device_properties(0).total_memory
    return [f"accumulate={fitting_parts(preset, training, recipe.gpus, memory)}"]
