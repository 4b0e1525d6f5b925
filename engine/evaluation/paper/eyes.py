"""Visual encoders of the paper's four families: a user's own, or small ones with the public names and random weights.

The small ones stand in for the public weights where nobody gives those, so that every row of the encoders' table runs.
An encoder that was never trained still tells pictures apart, and knows nothing of what they show.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import torch
from msgspec.structs import replace
from safetensors.torch import save_file
from torch import Tensor

from engine.checkpoints import DEFAULT_MODEL, read_model_folder
from engine.config import ClipConfig, EncoderConfig, ImageBindConfig, VideoMaeConfig, VitConfig, from_anywhere
from engine.errors import CheckpointCorrupt, UnknownEncoder
from engine.visual.encoders import parse_encoder
from engine.visual.videomae import transformers_classes

CLIP_ARCHITECTURE = "ViT-S-32-alt"
VIT_ARCHITECTURE = "vit_tiny_patch16_224"
SEED = 0


def default_tower() -> EncoderConfig:
    """The default model's own image tower, which was trained on rendered scenes."""
    tower = read_model_folder(DEFAULT_MODEL).model.tower
    if tower is None:
        raise CheckpointCorrupt(f"The model in {DEFAULT_MODEL} has no image tower: install it again.")
    return replace(tower, weights=str((DEFAULT_MODEL / tower.weights).absolute()))


def given_eyes(options: Sequence[str]) -> dict[str, EncoderConfig]:
    """KIND=WORDS (or KIND:WORDS, as `foley data prepare` takes it), as often as given; by kind.

    Raises:
        UnknownEncoder: one is not of that form, of no kind, or the second of its kind.
    """
    given: dict[str, EncoderConfig] = {}
    for option in options:
        kind, words = re.match(r"([^=:]*)[=:]?(.*)", option, re.DOTALL).groups()  # type: ignore[union-attr]
        config = parse_encoder(f"{kind}:{words}")
        if kind in given:
            raise UnknownEncoder(f"Two encoders of the kind {kind} are given: leave one --encoder out.")
        given[kind] = from_anywhere(config)
    return given


def untrained_eyes(kind: str, folder: Path) -> EncoderConfig:
    """An encoder of the kind with random weights, written into `folder` if it is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    writers = {"clip": _clip, "vit": _vit, "videomae": _videomae, "imagebind": _imagebind}
    torch.manual_seed(SEED)
    return writers[kind](folder)


def _clip(folder: Path) -> EncoderConfig:
    import open_clip

    path = folder / "clip.safetensors"
    if not path.exists():
        _save(open_clip.create_model(CLIP_ARCHITECTURE).state_dict(), path)
    return ClipConfig(CLIP_ARCHITECTURE, str(path.absolute()))


def _vit(folder: Path) -> EncoderConfig:
    import timm

    path = folder / "vit.safetensors"
    if not path.exists():
        _save(timm.create_model(VIT_ARCHITECTURE, pretrained=False, num_classes=0).state_dict(), path)
    return VitConfig(VIT_ARCHITECTURE, str(path.absolute()))


def _videomae(folder: Path) -> EncoderConfig:
    config, model = transformers_classes()
    path = folder / "videomae-miniature"
    if not (path / "model.safetensors").exists():
        shape = config(
            image_size=112,
            hidden_size=192,
            num_hidden_layers=4,
            num_attention_heads=3,
            intermediate_size=768,
        )
        model(shape).save_pretrained(path)
    return VideoMaeConfig(str(path.absolute()))


def _imagebind(folder: Path) -> EncoderConfig:
    """Depth 4 and width 240 where the public one has 32 and 1280."""
    path = folder / "imagebind.safetensors"
    if not path.exists():
        _save(_imagebind_tensors(depth=4, width=240, patch=16, side=112, embedding=128), path)
    return ImageBindConfig(str(path.absolute()))


def _imagebind_tensors(*, depth: int, width: int, patch: int, side: int, embedding: int) -> dict[str, Tensor]:
    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape) * 0.05

    vision = {
        "modality_preprocessors.vision.cls_token": draw(1, 1, width),
        "modality_preprocessors.vision.rgbt_stem.proj.1.weight": draw(width, 3, 2, patch, patch),
        "modality_preprocessors.vision.pos_embedding_helper.pos_embed": draw(
            1, 1 + (side // patch) ** 2, width
        ),
        "modality_trunks.vision.pre_transformer_layer.0.weight": torch.ones(width),
        "modality_trunks.vision.pre_transformer_layer.0.bias": torch.zeros(width),
        "modality_heads.vision.0.weight": torch.ones(width),
        "modality_heads.vision.0.bias": torch.zeros(width),
        "modality_heads.vision.2.weight": draw(embedding, width),
    }
    for block in range(depth):
        at = f"modality_trunks.vision.blocks.{block}."
        for norm in ("norm_1", "norm_2"):
            vision |= {f"{at}{norm}.weight": torch.ones(width), f"{at}{norm}.bias": torch.zeros(width)}
        for name, rows, columns in (
            ("attn.in_proj_", 3 * width, width),
            ("attn.out_proj.", width, width),
            ("mlp.fc1.", 4 * width, width),
            ("mlp.fc2.", width, 4 * width),
        ):
            vision |= {f"{at}{name}weight": draw(rows, columns), f"{at}{name}bias": torch.zeros(rows)}
    return vision


def _save(tensors: dict[str, Tensor], path: Path) -> None:
    partial = path.with_name(f".{path.name}.partial")
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, partial)
    partial.replace(path)
