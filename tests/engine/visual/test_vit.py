"""ViT through timm, with timm's own miniature and a checkpoint of the test's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

from engine.config import VitConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.visual.encoder import Runtime
from engine.visual.vit import VitEncoder

ARCHITECTURE = "test_vit"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "vit.safetensors"
    save_file(timm.create_model(ARCHITECTURE, num_classes=10).state_dict(), path)
    return path


def test_features_are_timms_own_before_its_classifier(checkpoint: Path) -> None:
    encoder = VitEncoder(VitConfig(ARCHITECTURE, str(checkpoint)))
    info = encoder.describe()
    assert (info.image_size, info.width, info.fit, info.frames_per_feature) == (168, 64, "crop", 1)
    frames = np.random.default_rng(0).integers(0, 256, (3, 168, 168, 3), dtype=np.uint8)
    network = timm.create_model(ARCHITECTURE, num_classes=10, checkpoint_path=str(checkpoint)).eval()
    look = timm.data.create_transform(**timm.data.resolve_model_data_config(network))
    with torch.no_grad():
        pictures = torch.stack([look(Image.fromarray(frame)) for frame in frames])
        expected = network.forward_head(network.forward_features(pictures), pre_logits=True)
    assert torch.allclose(encoder.encode(frames[:, None]), expected, atol=1e-5)


def test_a_picture_is_shown_as_timm_would_show_it(checkpoint: Path) -> None:
    """The shortest side to 168, the centre of 160: the square that is asked for holds all that timm sees."""
    encoder = VitEncoder(VitConfig(ARCHITECTURE, str(checkpoint)))
    wide = np.zeros((168, 300, 3), np.uint8)
    wide[:, 70:230] = 200  # exactly the centre that is left after the crops
    square = wide[:, 66:234]
    seen: list[torch.Tensor] = []
    encoder._network.register_forward_pre_hook(lambda _module, given: seen.append(given[0]))
    encoder.encode(square[None, None])
    assert seen[0].shape[-2:] == (160, 160)
    assert float(seen[0].std(dim=(2, 3)).max()) == pytest.approx(0.0, abs=1e-5)


def test_batches_make_no_difference_and_bfloat16_little(checkpoint: Path) -> None:
    config = VitConfig(ARCHITECTURE, str(checkpoint))
    frames = np.random.default_rng(1).integers(0, 256, (5, 1, 168, 168, 3), dtype=np.uint8)
    whole = VitEncoder(config).encode(frames)
    assert torch.allclose(VitEncoder(config, runtime=Runtime(batch=2)).encode(frames), whole, atol=1e-5)
    coarse = VitEncoder(config, runtime=Runtime(precision="bfloat16"))
    assert coarse.describe().precision == "bfloat16"
    alike = torch.cosine_similarity(coarse.encode(frames), whole)
    assert coarse.encode(frames).dtype == torch.float32 and 0.99 < float(alike.min()) < 0.9999999


def test_what_is_no_checkpoint_of_the_architecture_is_said(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointNotFound, match=r"nowhere\.pt"):
        VitEncoder(VitConfig(ARCHITECTURE, "/nowhere.pt"))
    with pytest.raises(CheckpointNotFound, match="vit_of_mine"):
        VitEncoder(VitConfig("vit_of_mine", str(checkpoint)))
    with pytest.raises(CheckpointCorrupt, match="test_vit2"):
        VitEncoder(VitConfig("test_vit2", str(checkpoint)))
    (tmp_path / "vit.pth").write_bytes(b"no pickle")
    with pytest.raises(CheckpointCorrupt, match="cannot be read"):
        VitEncoder(VitConfig(ARCHITECTURE, "vit.pth"), tmp_path)
