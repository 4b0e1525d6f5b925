"""A model's parts laid into a run's folder, as if its trainings had left them there: the way back from `pack`.

What goes on from there begins at step 0, with an optimizer of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.checkpoints import read_model_folder
from engine.errors import RequestError
from engine.pipeline import load_model
from engine.training.prepare.tools import open_codec
from engine.training.state import STATE_FILE, write_state
from engine.visual.motion import MotionNets
from engine.visual.spotter import Spotter
from engine.visual.tower import ImageTower


def unpack_model(folder: Path, out: Path) -> None:
    """Write OUT/codec, OUT/tower, OUT/lm and OUT/spotter; of several motion networks the others into OUT/spotter-1 on.

    Raises:
        CheckpointError: the model cannot be loaded, or its codec does not encode.
        RequestError: the model sees by another encoder than the default model's tower, or OUT holds a part already.
    """
    config = read_model_folder(folder).model
    if config.codec.bands is None:
        raise RequestError(
            f"The codec of {folder} is not the default model's kind: train from its recordings."
        )
    model = load_model(folder)
    if not isinstance(model.encoder, ImageTower):
        raise RequestError(f"The model in {folder} has no tower of its own: there is nothing to go on from.")
    codec = open_codec(folder)
    weights: dict[str, Mapping[str, Any]] = {
        "codec": {"codec": codec.state_dict(), "config": codec.config},
        "tower": {"tower": _floats(model.encoder.state_dict())},
        "lm": {name: _floats(model.lm.state_dict()) for name in ("lm", "average")},
    }
    spotters: dict[str, Spotter] = {}
    for number, net in enumerate(model.spotter.net.members()):
        part = f"spotter-{number}" if number else "spotter"
        weights[part] = {name: _floats(net.state_dict()) for name in ("net", "averaged")}
        spotters[part] = Spotter(MotionNets.of([net]))
    # Until it is trained on, the run's spotter is the model's.
    spotters["spotter"] = model.spotter
    for part in weights:
        if (out / part / STATE_FILE).exists():
            raise RequestError(f"There is a {part} in {out} already: choose another --out.")
    for part, state in weights.items():
        write_state(out / part, {"step": 0, **state})
    for part, spotter in spotters.items():
        spotter.write(out / part / "final")


def _floats(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Of 32 bits, which is what is trained."""
    return {
        name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()
    }
