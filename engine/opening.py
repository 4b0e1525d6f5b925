"""Models opened as users draw with them, and how many drafts of takes are drawn at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import torch

from engine.batching import bytes_of_unit, free_bytes, number_that_fit
from engine.checkpoints import read_model_folder
from engine.errors import is_out_of_memory
from engine.lm.decoding.opening import dtype_for
from engine.lm.on_device import PLACES
from engine.lm.units import TakeUnit
from engine.pipeline import Model, Pipeline, load_model

MAX_SIDE_BY_SIDE = {"cpu": 8, "cuda": PLACES}
"""More drafts at once are not faster: by then the machine is as busy as it can be."""


def open_model(folder: Path, *, dtype: str | None = None, device: str | None = None) -> Model:
    """A model with a decoder; on a GPU with as many places as its memory holds.

    Args:
        dtype: of the language model's weights: float32, bfloat16 or int8; None takes FOLEY_DTYPE, or the quickest
            here.
        device: "cpu" or "cuda"; None takes FOLEY_DEVICE, or the CPU.

    Raises:
        CheckpointError: the model cannot be loaded.
        RequestError: there are no weights of this type, or no such device.
    """
    where = device or os.environ.get("FOLEY_DEVICE") or "cpu"
    weights = dtype_for(read_model_folder(folder).model.lm, dtype, device=where)
    model = load_model(folder, dtype=weights, device=where)
    if model.on_device is not None:
        window = bytes_of_unit(
            model.config,
            model.config.windows.window_frames,
            bytes_per_value=model.on_device.bytes_per_value,
        )
        model.on_device.plan_places(
            number_that_fit([window] * PLACES, free_bytes(torch.device(model.device)))
        )
    return model


def most_side_by_side(model: Model) -> int:
    """Drafts that are worth drawing at once on the model's device."""
    most = MAX_SIDE_BY_SIDE.get(model.device, PLACES)
    return most if model.on_device is None else min(most, model.on_device.num_places)


def drafts_that_fit(pipeline: Pipeline, units: Sequence[TakeUnit]) -> int:
    """How many drafts of these takes have memory; on a GPU the places, which have theirs already."""
    on_device = pipeline.model.on_device
    if on_device is not None:
        return on_device.num_places
    needed = [bytes_of_draft(pipeline, unit.num_frames) for unit in units for _ in range(unit.drafts_at_once)]
    # What the decoder keeps between two batches the next one overwrites.
    return number_that_fit(needed, free_bytes(torch.device("cpu")) + pipeline.decoder.held_bytes)


def bytes_of_draft(pipeline: Pipeline, num_frames: int) -> int:
    """What a draft of so many frames holds while the pipeline's decoder draws it."""
    width = pipeline.decoder.bytes_per_value
    return bytes_of_unit(pipeline.model.config, num_frames, bytes_per_value=width)


def drafts_after(pipeline: Pipeline, side_by_side: int, error: Exception) -> int | None:
    """How many to draw at once after drawing so many has failed; None where fewer cannot help.

    Out of memory halves them, and any other error leaves one. On a GPU the places are halved, for they hold the memory,
    whoever is drawn in them.
    """
    on_device = pipeline.model.on_device
    if not is_out_of_memory(error):
        return 1 if side_by_side > 1 else None
    if on_device is not None:
        return side_by_side if on_device.take_fewer_places() else None
    pipeline.decoder.release()
    return side_by_side // 2 if side_by_side > 1 else None
