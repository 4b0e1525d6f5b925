"""The registry of encoders: their names on a command line, and the moments that they look at."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from engine.checkpoints import DEFAULT_MODEL
from engine.config import ClipConfig, EncoderConfig, ImageBindConfig, TowerConfig, VideoMaeConfig, VitConfig
from engine.errors import CheckpointNotFound, UnknownEncoder
from engine.visual.encoder import EncoderInfo
from engine.visual.encoders import KINDS, open_encoder, parse_encoder


@pytest.mark.parametrize(
    ("words", "config"),
    [
        ("clip:ViT-B-32:/models/clip.pt", ClipConfig("ViT-B-32", "/models/clip.pt")),
        ("clip:ViT-B-32-quickgelu:openai", ClipConfig("ViT-B-32-quickgelu", "openai")),
        (
            "vit:vit_base_patch16_224:C:\\models\\vit.pth",
            VitConfig("vit_base_patch16_224", "C:\\models\\vit.pth"),
        ),
        ("videomae:/models/videomae", VideoMaeConfig("/models/videomae")),
        ("imagebind:/models/imagebind_huge.pth", ImageBindConfig("/models/imagebind_huge.pth")),
    ],
)
def test_an_encoder_is_named_on_a_command_line(words: str, config: EncoderConfig) -> None:
    assert parse_encoder(words) == config
    assert any(isinstance(config, kind.config) for kind in KINDS.values())


@pytest.mark.parametrize(
    "words", ["", "dino:/x", "clip", "clip:ViT-B-32", "clip::/x", "vit:name:", "videomae:", "imagebind"]
)
def test_words_that_name_no_encoder_are_answered_with_what_to_say(words: str) -> None:
    with pytest.raises(UnknownEncoder, match=r"choose one of clip, vit|say (clip|vit|videomae|imagebind):"):
        parse_encoder(words)


def test_the_towers_words_are_the_default_models_own_or_another_folders(tmp_path) -> None:  # type: ignore[no-untyped-def]
    config = parse_encoder("tower:")
    assert isinstance(config, TowerConfig) and config.weights == str(DEFAULT_MODEL / "tower.safetensors")
    encoder = open_encoder(config)
    frames = np.random.default_rng(0).integers(0, 256, (2, 1, 64, 64, 3), dtype=np.uint8)
    assert encoder.encode(frames).shape == (2, encoder.describe().width) == (2, 128)
    with pytest.raises(CheckpointNotFound, match="no model"):
        parse_encoder(f"tower:{tmp_path}")


def test_one_picture_is_seen_where_a_second_begins_and_sixteen_are_spread_over_it() -> None:
    one = EncoderInfo("one", 8, 32, 1, "MIT")
    assert one.picture_times(Fraction(5, 2)).tolist() == [[0.0], [1.0], [2.0]]
    many = EncoderInfo("many", 8, 32, 1, "MIT", frames_per_feature=16)
    times_s = many.picture_times(Fraction(2))
    assert times_s.shape == (2, 16)
    assert times_s[1].tolist() == [1 + k / 16 for k in range(16)]
    fast = EncoderInfo("fast", 8, 32, 25, "MIT")
    assert fast.picture_times(Fraction(1, 5)).ravel() == pytest.approx([0, 0.04, 0.08, 0.12, 0.16])
