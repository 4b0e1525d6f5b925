"""A trained run as a model folder that the engine opens."""

from __future__ import annotations

from pathlib import Path

import msgspec
import torch
from torch import Tensor

from engine.checkpoints import DEFAULT_MODEL, ModelFolder, read_model_folder, read_weights, write_model_folder
from engine.config import FOLEYGEN, FOLEYGEN_SYNC, EncoderConfig, TowerConfig, from_anywhere
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.protocol import AS_PUBLISHED, Sampling
from engine.training.lm_run import LMRun, read_about
from engine.training.prepare.tools import DECODING_ONLY, Tools
from engine.training.state import peek_state
from engine.visual.spotter import Spotter
from engine.visual.tower import ImageTower

SAMPLINGS = {FOLEYGEN.name: AS_PUBLISHED, FOLEYGEN_SYNC.name: AS_PUBLISHED}
"""What models of these presets draw with where nobody says otherwise; others draw as the default model."""


def pack_run(
    run: Path, target: Path, *, codec: Path, encoder: EncoderConfig, spotter: Path | None = None
) -> ModelFolder:
    """Write codec (its decoder), the language model's average, the encoder's config and a spotter.

    Args:
        run: of `foley train lm --data`.
        codec: the folder of the codec that made the set.
        encoder: the encoder that made the set; its weights stay where they are, but for the tower's.
        spotter: a folder that `foley train spotter` wrote; the default model's where it is None.

    Raises:
        CheckpointNotFound: a part is missing.
        CheckpointCorrupt: codec or encoder is not the one that the model was trained with.
    """
    about = read_about(run / "lm")
    state = peek_state(run / "lm")
    if state is None:
        raise CheckpointNotFound(f"There is no checkpoint in {run / 'lm'} yet: let the training run on.")
    tools = Tools.open(codec, encoder, "cpu")
    _check(about, tools)
    parts: dict[str, dict[str, Tensor]] = {
        "codec.safetensors": {
            name: tensor
            for name, tensor in tools.codec.state_dict().items()
            if not name.startswith(DECODING_ONLY)
        },
        "lm.safetensors": state["average"],
    }
    eyes = from_anywhere(encoder)
    if isinstance(encoder, TowerConfig) and isinstance(tools.encoder, ImageTower):
        eyes = msgspec.structs.replace(encoder, weights="tower.safetensors")
        parts["tower.safetensors"] = dict(tools.encoder.state_dict())
    found = default_spotter() if spotter is None else Spotter.read(spotter)
    parts["spotter.safetensors"] = dict(found.net.state_dict())
    model = msgspec.structs.replace(about.model, codec=tools.codec.config, encoder=eyes, spotter=found.config)
    return write_model_folder(
        target,
        model,
        parts,
        settings=found.settings.numbers(),
        sampling=SAMPLINGS.get(model.name, Sampling()),
        dtype=torch.float16,
    )


def _check(about: LMRun, tools: Tools) -> None:
    if tools.codec_identity() != about.codec:
        raise CheckpointCorrupt(
            "This codec is not the one that made the tokens which the language model learned from: give that one."
        )
    identity = tools.encoder_identity(about.encoder.prompt_dim)
    if identity.sha256 != about.encoder.sha256:
        raise CheckpointCorrupt(
            f"The model was trained on features of {about.encoder.name} (sha256 {about.encoder.sha256[:8]}), not of "
            f"{identity.name} ({identity.sha256[:8]}): give --encoder as it was given to `foley data prepare`."
        )


def default_spotter() -> Spotter:
    """The default model's, read alone."""
    record = read_model_folder(DEFAULT_MODEL)
    name = "spotter.safetensors"
    weights = read_weights(DEFAULT_MODEL, name, record.weights.get(name, ""))
    return Spotter.from_weights(record.model.spotter, weights, record.settings)
