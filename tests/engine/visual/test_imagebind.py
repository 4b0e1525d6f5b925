"""ImageBind's image tower: the public checkpoint's names in miniature, against a plain computation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.config import ImageBindConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.visual.imagebind import DEVIATION, MEAN, ImageBindEncoder
from engine.visual.imagebind_trunk import Trunk

WIDTH, DEPTH, HEADS, OUT, PATCH, SIDE = 160, 2, 2, 24, 14, 28


def public_names() -> dict[str, Tensor]:
    """As `imagebind_huge.pth` calls them, where the width is 1280, the depth 32 and a picture 224 pixels wide."""
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator) * 0.1

    tensors = {
        "modality_preprocessors.vision.cls_token": draw(1, 1, WIDTH),
        "modality_preprocessors.vision.rgbt_stem.proj.1.weight": draw(WIDTH, 3, 2, PATCH, PATCH),
        "modality_preprocessors.vision.pos_embedding_helper.pos_embed": draw(
            1, 1 + (SIDE // PATCH) ** 2, WIDTH
        ),
        "modality_trunks.vision.pre_transformer_layer.0.weight": 1 + draw(WIDTH),
        "modality_trunks.vision.pre_transformer_layer.0.bias": draw(WIDTH),
        "modality_heads.vision.0.weight": 1 + draw(WIDTH),
        "modality_heads.vision.0.bias": draw(WIDTH),
        "modality_heads.vision.2.weight": draw(OUT, WIDTH),
        "modality_preprocessors.audio.cls_token": draw(1, 1, 8),
        "modality_postprocessors.text.1.log_logit_scale": draw(1)[0],
    }
    for block in range(DEPTH):
        at = f"modality_trunks.vision.blocks.{block}."
        tensors |= {
            at + "norm_1.weight": 1 + draw(WIDTH),
            at + "norm_1.bias": draw(WIDTH),
            at + "attn.in_proj_weight": draw(3 * WIDTH, WIDTH),
            at + "attn.in_proj_bias": draw(3 * WIDTH),
            at + "attn.out_proj.weight": draw(WIDTH, WIDTH),
            at + "attn.out_proj.bias": draw(WIDTH),
            at + "norm_2.weight": 1 + draw(WIDTH),
            at + "norm_2.bias": draw(WIDTH),
            at + "mlp.fc1.weight": draw(4 * WIDTH, WIDTH),
            at + "mlp.fc1.bias": draw(4 * WIDTH),
            at + "mlp.fc2.weight": draw(WIDTH, 4 * WIDTH),
            at + "mlp.fc2.bias": draw(WIDTH),
        }
    return tensors


def normed(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    centred = x - x.mean(dim=-1, keepdim=True)
    return centred / (centred.pow(2).mean(dim=-1, keepdim=True) + 1e-6).sqrt() * weight + bias


def embedded(t: dict[str, Tensor], frame: np.ndarray) -> Tensor:
    """One picture [S, S, 3], patch by patch and head by head, in float64."""
    t = {name.replace("vision.", ""): tensor.double() for name, tensor in t.items() if "vision" in name}
    picture = (torch.from_numpy(frame).double() / 255 - torch.tensor(MEAN)) / torch.tensor(DEVIATION)
    patches = []
    for top in range(0, SIDE, PATCH):
        for left in range(0, SIDE, PATCH):
            patch = picture[top : top + PATCH, left : left + PATCH].permute(2, 0, 1)
            kernel = t["modality_preprocessors.rgbt_stem.proj.1.weight"]
            patches.append(torch.einsum("oihw,ihw->o", kernel[:, :, 0] + kernel[:, :, 1], patch))
    x = torch.cat([t["modality_preprocessors.cls_token"][0], torch.stack(patches)])
    x = x + t["modality_preprocessors.pos_embedding_helper.pos_embed"][0]
    first = "modality_trunks.pre_transformer_layer.0."
    x = normed(x, t[first + "weight"], t[first + "bias"])
    for block in range(DEPTH):
        p = {
            name.split(f"blocks.{block}.")[1]: tensor
            for name, tensor in t.items()
            if f"blocks.{block}." in name
        }
        rows = (
            normed(x, p["norm_1.weight"], p["norm_1.bias"]) @ p["attn.in_proj_weight"].T
            + p["attn.in_proj_bias"]
        )
        query, key, value = rows.split(WIDTH, dim=1)
        size = WIDTH // HEADS
        heads = []
        for head in range(HEADS):
            own = slice(head * size, (head + 1) * size)
            scores = (query[:, own] @ key[:, own].T / size**0.5).softmax(dim=1)
            heads.append(scores @ value[:, own])
        x = x + torch.cat(heads, dim=1) @ p["attn.out_proj.weight"].T + p["attn.out_proj.bias"]
        inner = normed(x, p["norm_2.weight"], p["norm_2.bias"]) @ p["mlp.fc1.weight"].T + p["mlp.fc1.bias"]
        inner = inner * 0.5 * (1 + torch.erf(inner / 2**0.5))
        x = x + inner @ p["mlp.fc2.weight"].T + p["mlp.fc2.bias"]
    out = (
        normed(x[0], t["modality_heads.0.weight"], t["modality_heads.0.bias"])
        @ t["modality_heads.2.weight"].T
    )
    return out / out.norm()


@pytest.fixture(params=["imagebind_huge.pth", "imagebind.safetensors"])
def checkpoint(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / request.param
    if path.suffix == ".pth":
        torch.save(public_names(), path)
    else:
        save_file(public_names(), path)
    return path


def test_features_equal_a_plain_computation(checkpoint: Path) -> None:
    encoder = ImageBindEncoder(ImageBindConfig(checkpoint.name), checkpoint.parent)
    info = encoder.describe()
    assert (info.width, info.image_size, info.fit, info.weights_licence) == (
        OUT,
        SIDE,
        "crop",
        "CC-BY-NC-SA-4.0",
    )
    frames = np.random.default_rng(0).integers(0, 256, (3, 1, SIDE, SIDE, 3), dtype=np.uint8)
    expected = torch.stack([embedded(public_names(), frame[0]) for frame in frames])
    assert torch.allclose(encoder.encode(frames).double(), expected, atol=1e-5)


def test_a_trunk_with_an_extra_key_is_torchs_own_attention() -> None:
    """As the audio tower has it."""
    torch.manual_seed(0)
    trunk = Trunk(32, 1, 4, 128, norms_first=False, has_extra_key=True).eval()
    torchs = nn.MultiheadAttention(32, 4, add_bias_kv=True, batch_first=True).eval()
    own = {name: torch.randn_like(tensor) * 0.2 for name, tensor in torchs.state_dict().items()}
    torchs.load_state_dict(own)
    trunk.blocks[0].attn.load_state_dict(own)  # type: ignore[union-attr, operator]
    x = torch.randn(2, 7, 32)
    expected = torchs(x, x, x, need_weights=False)[0]
    assert torch.allclose(trunk.blocks[0].attn(x), expected, atol=1e-5)  # type: ignore[union-attr, operator]
    assert {name for name, _ in trunk.named_parameters() if "pre_transformer" in name} == set()


def test_what_is_no_imagebind_is_said(tmp_path: Path) -> None:
    with pytest.raises(CheckpointNotFound, match="imagebind_huge"):
        ImageBindEncoder(ImageBindConfig("/nowhere.pth"))
    (tmp_path / "broken.pth").write_bytes(b"PK no zip")
    with pytest.raises(CheckpointCorrupt, match="cannot be read"):
        ImageBindEncoder(ImageBindConfig("broken.pth"), tmp_path)
    torch.save({"modality_heads.audio.2.weight": torch.zeros(2, 2)}, tmp_path / "audio.pth")
    with pytest.raises(CheckpointCorrupt, match="no image tower"):
        ImageBindEncoder(ImageBindConfig("audio.pth"), tmp_path)
    tensors = public_names()
    del tensors["modality_trunks.vision.blocks.1.mlp.fc2.bias"]
    torch.save(tensors, tmp_path / "holed.pth")
    with pytest.raises(CheckpointCorrupt, match="1 missing"):
        ImageBindEncoder(ImageBindConfig("holed.pth"), tmp_path)
