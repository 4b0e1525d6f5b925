"""ImageBind's ear: its front end against a plain Kaldi one, its names in miniature against torch's attention."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F
from torchaudio.compliance import kaldi

from engine.errors import CheckpointCorrupt
from engine.evaluation.embeddings.imagebind_audio import ImageBindAudio, clips_of, normalised_mel

DIM, DEPTH, OUT = 128, 2, 24
TRUNK = "modality_trunks.audio.blocks."


def wav(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * 16000)).astype(np.float32)


def public_names() -> dict[str, Tensor]:
    """As `imagebind_huge.pth` calls them, where the width is 768, the depth 12 and the output 1024."""
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator) * 0.08

    tensors = {
        "modality_preprocessors.audio.cls_token": draw(1, 1, DIM),
        "modality_preprocessors.audio.rgbt_stem.proj.weight": draw(DIM, 1, 16, 16),
        "modality_preprocessors.audio.rgbt_stem.norm_layer.weight": 1 + draw(DIM),
        "modality_preprocessors.audio.rgbt_stem.norm_layer.bias": draw(DIM),
        "modality_preprocessors.audio.pos_embedding_helper.pos_embed": draw(1, 229, DIM),
        "modality_heads.audio.0.weight": 1 + draw(DIM),
        "modality_heads.audio.0.bias": draw(DIM),
        "modality_heads.audio.2.weight": draw(OUT, DIM),
        "modality_postprocessors.audio.1.log_logit_scale": torch.tensor(3.0),
        "modality_trunks.vision.blocks.0.norm_1.weight": draw(4),
    }
    for block in range(DEPTH):
        name = f"{TRUNK}{block}."
        tensors |= {
            name + "attn.in_proj_weight": draw(3 * DIM, DIM),
            name + "attn.in_proj_bias": draw(3 * DIM),
            name + "attn.bias_k": draw(1, 1, DIM) * 10,
            name + "attn.bias_v": draw(1, 1, DIM) * 10,
            name + "attn.out_proj.weight": draw(DIM, DIM),
            name + "attn.out_proj.bias": draw(DIM),
            name + "mlp.fc1.weight": draw(4 * DIM, DIM),
            name + "mlp.fc1.bias": draw(4 * DIM),
            name + "mlp.fc2.weight": draw(DIM, 4 * DIM),
            name + "mlp.fc2.bias": draw(DIM),
        }
        for norm in ("norm_1", "norm_2"):
            tensors |= {f"{name}{norm}.weight": 1 + draw(DIM), f"{name}{norm}.bias": draw(DIM)}
    return tensors


def plain_mel(sound: np.ndarray) -> np.ndarray:
    """Kaldi's filter bank frame by frame: mean away, pre-emphasis, Hann, power, 128 bands from 20 Hz, logarithm."""
    bank, _ = kaldi.get_mel_banks(128, 512, 16000.0, 20.0, 8000.0, 100.0, -500.0, 1.0)
    bank = np.pad(bank.numpy().astype(np.float64), ((0, 0), (0, 1)))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 399)
    sound = sound - sound.mean()
    rows = []
    for at in range(0, len(sound) - 399, 160):
        frame = sound[at : at + 400] - sound[at : at + 400].mean()
        frame = frame - 0.97 * np.concatenate([frame[:1], frame[:-1]])
        power = np.abs(np.fft.rfft(frame * window, 512)) ** 2
        rows.append(np.log(np.maximum(bank @ power, np.finfo(np.float32).eps)))
    rows += [np.zeros(128)] * (204 - len(rows))
    return (np.stack(rows).T + 4.268) / 9.138


@pytest.mark.parametrize("seconds", [2.0, 0.7, 0.01])
def test_the_front_end_is_imagebinds(seconds: float) -> None:
    sound = wav(seconds)
    mel = normalised_mel(sound)
    assert mel.shape == (128, 204)
    if seconds > 0.1:
        assert np.allclose(mel.numpy(), plain_mel(sound.astype(np.float64)), atol=2e-3)


def test_three_clips_spread_over_the_sound() -> None:
    sound = np.arange(5 * 16000, dtype=np.float32)
    clips = clips_of(sound)
    assert [int(clip[0]) for clip in clips] == [0, 24000, 48000]
    assert [clip.size for clip in clips] == [32000] * 3
    assert [clip.size for clip in clips_of(wav(1.0))] == [16000] * 3


def plain_vector(t: dict[str, Tensor], mel: Tensor) -> Tensor:
    """One clip, its attention by torch's own module with `add_bias_kv`."""
    before = "modality_preprocessors.audio."
    x = F.conv2d(mel[None, None], t[before + "rgbt_stem.proj.weight"], stride=10)
    patches = torch.stack([x[0, :, row, column] for row in range(12) for column in range(19)])
    norm = before + "rgbt_stem.norm_layer."
    patches = F.layer_norm(patches, (DIM,), t[norm + "weight"], t[norm + "bias"], 1e-5)
    y = torch.cat([t[before + "cls_token"][0], patches]) + t[before + "pos_embedding_helper.pos_embed"][0]
    y = y[None]
    for block in range(DEPTH):
        name = f"{TRUNK}{block}."
        attention = nn.MultiheadAttention(DIM, DIM // 64, add_bias_kv=True, batch_first=True)
        own = {k.removeprefix(name + "attn."): v for k, v in t.items() if k.startswith(name + "attn.")}
        attention.load_state_dict(own)
        z = F.layer_norm(y, (DIM,), t[name + "norm_1.weight"], t[name + "norm_1.bias"], 1e-6)
        y = y + attention(z, z, z, need_weights=False)[0]
        z = F.layer_norm(y, (DIM,), t[name + "norm_2.weight"], t[name + "norm_2.bias"], 1e-6)
        z = F.gelu(F.linear(z, t[name + "mlp.fc1.weight"], t[name + "mlp.fc1.bias"]))
        y = y + F.linear(z, t[name + "mlp.fc2.weight"], t[name + "mlp.fc2.bias"])
    head = "modality_heads.audio."
    y = F.layer_norm(y[:, 0], (DIM,), t[head + "0.weight"], t[head + "0.bias"], 1e-6)
    y = F.linear(y, t[head + "2.weight"])[0]
    return y / y.norm()


@torch.inference_mode()
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_the_public_names_load_and_compute_what_they_should(tmp_path: Path, suffix: str) -> None:
    tensors, path = public_names(), tmp_path / f"imagebind{suffix}"
    if suffix == ".pth":
        torch.save(tensors, path)
    else:
        save_file(tensors, path)
    ear = ImageBindAudio(path)
    sound = wav(3.0)
    expected = torch.stack([plain_vector(tensors, normalised_mel(clip)) for clip in clips_of(sound)]).mean(
        dim=0
    )
    assert np.allclose(ear.embed(sound), expected[None].numpy(), atol=1e-5)
    assert ear.describe().dim == OUT


def test_the_learned_key_is_attended_to(tmp_path: Path) -> None:
    tensors = public_names()
    torch.save(tensors, tmp_path / "a.pth")
    silenced = {name: t * 0 if name.endswith("bias_v") else t for name, t in tensors.items()}
    torch.save(silenced, tmp_path / "b.pth")
    one, other = (ImageBindAudio(tmp_path / name).embed(wav(2.0)) for name in ("a.pth", "b.pth"))
    assert np.abs(one - other).max() > 1e-3


def test_a_file_without_the_tower_is_refused(tmp_path: Path) -> None:
    torch.save({"modality_heads.vision.2.weight": torch.zeros(2, 2)}, tmp_path / "other.pth")
    with pytest.raises(CheckpointCorrupt, match="audio tower of ImageBind"):
        ImageBindAudio(tmp_path / "other.pth")
