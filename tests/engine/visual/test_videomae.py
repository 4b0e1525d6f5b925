"""VideoMAE through transformers, from a folder as the hub has them, in miniature."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import VideoMaeConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.visual.videomae import VideoMaeEncoder

transformers = pytest.importorskip("transformers", reason="the extra videomae is not installed")

MINIATURE = {
    "image_size": 32,
    "patch_size": 16,
    "num_frames": 16,
    "tubelet_size": 2,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "decoder_hidden_size": 16,
    "decoder_num_hidden_layers": 1,
    "decoder_num_attention_heads": 2,
    "decoder_intermediate_size": 32,
}


def saved(folder: Path, kind: str, **changes: object) -> torch.nn.Module:
    torch.manual_seed(0)
    config = transformers.VideoMAEConfig(**{**MINIATURE, **changes})
    model: torch.nn.Module = getattr(transformers, kind)(config).eval()
    model.save_pretrained(folder)  # type: ignore[operator]
    return model


@pytest.mark.parametrize(
    "kind", ["VideoMAEModel", "VideoMAEForPreTraining", "VideoMAEForVideoClassification"]
)
def test_features_are_the_mean_of_the_models_own_tokens(tmp_path: Path, kind: str) -> None:
    model = saved(tmp_path, kind, use_mean_pooling=kind == "VideoMAEForVideoClassification")
    encoder = VideoMaeEncoder(VideoMaeConfig(str(tmp_path)))
    info = encoder.describe()
    assert (info.width, info.image_size, info.frames_per_feature, info.fit) == (32, 32, 16, "crop")
    frames = np.random.default_rng(0).integers(0, 256, (3, 16, 32, 32, 3), dtype=np.uint8)
    look = transformers.VideoMAEImageProcessor(
        size={"shortest_edge": 32},
        crop_size={"height": 32, "width": 32},
        image_mean=[0.485, 0.456, 0.406],
        image_std=[0.229, 0.224, 0.225],
    )
    films = look([list(film) for film in frames], return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        tokens = getattr(model, "videomae", model)(films).last_hidden_state
    assert tokens.shape == (3, 32, 32)
    assert torch.allclose(encoder.encode(frames), tokens.mean(dim=1), atol=1e-5)


def test_the_folders_own_mean_and_deviation_are_used(tmp_path: Path) -> None:
    saved(tmp_path, "VideoMAEModel")
    frames = np.full((1, 16, 32, 32, 3), 51, np.uint8)
    usual = VideoMaeEncoder(VideoMaeConfig(str(tmp_path))).encode(frames)
    own = {"image_mean": [0.2, 0.2, 0.2], "image_std": [0.5, 0.5, 0.5], "do_resize": True}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(own), encoding="utf-8")
    encoder = VideoMaeEncoder(VideoMaeConfig(str(tmp_path)))
    seen: list[torch.Tensor] = []
    encoder._network.register_forward_pre_hook(
        lambda _module, _given, named: seen.append(named["pixel_values"]), with_kwargs=True
    )
    assert not torch.allclose(encoder.encode(frames), usual)
    assert float(seen[0].abs().max()) < 1e-6


def test_a_folder_that_is_no_videomae_is_said(tmp_path: Path) -> None:
    with pytest.raises(CheckpointNotFound, match=r"config\.json and model\.safetensors"):
        VideoMaeEncoder(VideoMaeConfig(str(tmp_path)))
    saved(tmp_path, "VideoMAEModel")
    (tmp_path / "config.json").write_text(
        json.dumps({**MINIATURE, "num_hidden_layers": 3, "model_type": "videomae"}), encoding="utf-8"
    )
    with pytest.raises(CheckpointCorrupt, match=r"layer\.2"):
        VideoMaeEncoder(VideoMaeConfig(str(tmp_path)))
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(CheckpointCorrupt, match="no VideoMAE"):
        VideoMaeEncoder(VideoMaeConfig(str(tmp_path)))
