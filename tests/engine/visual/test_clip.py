"""CLIP through open_clip, with a small architecture and a checkpoint of the test's own."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import open_clip
import pytest
import torch
from safetensors.torch import save_file

from engine.checkpoints import CONFIG_FILE, read_model_folder
from engine.config import ClipConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.pipeline import load_model
from engine.visual.clip import ClipEncoder
from tests.engine.models import TINY, write_tiny_model

ARCHITECTURE = "foley-test-clip"
CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 32, "heads": 2, "layers": 1},
}


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    (tmp_path / f"{ARCHITECTURE}.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    open_clip.add_model_config(tmp_path / f"{ARCHITECTURE}.json")
    torch.manual_seed(0)
    path = tmp_path / "clip.safetensors"
    save_file(open_clip.create_model(ARCHITECTURE).state_dict(), path)
    return path


def test_features_are_open_clips_own_with_its_preprocessing(checkpoint: Path) -> None:
    encoder = ClipEncoder(ClipConfig(ARCHITECTURE, str(checkpoint)))
    assert (encoder.describe().width, encoder.describe().image_size) == (16, 32)
    frames = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    model, _, preprocess = open_clip.create_model_and_transforms(ARCHITECTURE, pretrained=str(checkpoint))
    from PIL import Image

    pictures = torch.stack([preprocess(Image.fromarray(frame)) for frame in frames])
    with torch.no_grad():
        expected = model.eval().encode_image(pictures, normalize=True)
    assert torch.allclose(encoder.encode(frames[:, None]), expected, atol=1e-5)


def test_a_model_folder_may_bring_clip_as_its_eyes(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    write_tiny_model(folder)
    checkpoint.rename(folder / "clip.safetensors")
    record = read_model_folder(folder)
    config = msgspec.structs.replace(TINY, encoder=ClipConfig(ARCHITECTURE, "clip.safetensors"))
    changed = msgspec.structs.replace(record, model=config)
    (folder / CONFIG_FILE).write_bytes(msgspec.json.encode(changed))
    model = load_model(folder)
    assert model.encoder.describe().name == f"clip/{ARCHITECTURE}"
    assert model.config.tower is None


def test_weights_that_are_nowhere_are_named_and_not_fetched(checkpoint: Path) -> None:
    with pytest.raises(CheckpointNotFound, match=r"nowhere\.pt"):
        ClipEncoder(ClipConfig(ARCHITECTURE, "/nowhere.pt"))
    with pytest.raises(CheckpointNotFound, match="not on this machine"):
        ClipEncoder(ClipConfig("ViT-B-32", "laion2b_s34b_b79k"))


def test_weights_of_another_architecture_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_file({"nothing": torch.zeros(1)}, other)
    with pytest.raises(CheckpointCorrupt, match=ARCHITECTURE):
        ClipEncoder(ClipConfig(ARCHITECTURE, str(other)))
