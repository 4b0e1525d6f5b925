"""PaSST: its front end against torchaudio's Kaldi bank and a plain transform, its names in miniature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchaudio.compliance import kaldi

from engine.errors import CheckpointCorrupt
from engine.evaluation.embeddings.passt import Passt, log_mel

DIM, DEPTH, LABELS = 128, 2, 7


def wav(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * 32000)).astype(np.float32)


def public_names(columns: int = 99) -> dict[str, Tensor]:
    """As the releases call them, where the width is 768, the depth 12 and the labels 527."""
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator) * 0.08

    tensors = {
        "cls_token": draw(1, 1, DIM),
        "dist_token": draw(1, 1, DIM),
        "new_pos_embed": draw(1, 2, DIM),
        "freq_new_pos_embed": draw(1, DIM, 12, 1),
        "time_new_pos_embed": draw(1, DIM, 1, columns),
        "patch_embed.proj.weight": draw(DIM, 1, 16, 16),
        "patch_embed.proj.bias": draw(DIM),
        "norm.weight": 1 + draw(DIM),
        "norm.bias": draw(DIM),
        "head.0.weight": 1 + draw(DIM),
        "head.0.bias": draw(DIM),
        "head.1.weight": draw(LABELS, DIM),
        "head.1.bias": draw(LABELS),
        "head_dist.weight": draw(LABELS, DIM),
        "head_dist.bias": draw(LABELS),
    }
    for block in range(DEPTH):
        for name, out, into in (
            ("attn.qkv", 3 * DIM, DIM),
            ("attn.proj", DIM, DIM),
            ("mlp.fc1", 4 * DIM, DIM),
            ("mlp.fc2", DIM, 4 * DIM),
        ):
            tensors |= {
                f"blocks.{block}.{name}.weight": draw(out, into),
                f"blocks.{block}.{name}.bias": draw(out),
            }
        for name in ("norm1", "norm2"):
            tensors |= {
                f"blocks.{block}.{name}.weight": 1 + draw(DIM),
                f"blocks.{block}.{name}.bias": draw(DIM),
            }
    return tensors


def plain_mel(sound: np.ndarray) -> np.ndarray:
    """Frame by frame with numpy; the bank is torchaudio's."""
    bank, _ = kaldi.get_mel_banks(128, 1024, 32000.0, 0.0, 15000.0, 100.0, -500.0, 1.0)
    bank = np.pad(bank.numpy().astype(np.float64), ((0, 0), (0, 1)))
    sound = sound[1:] - 0.97 * sound[:-1]
    padded = np.pad(sound, 512, mode="reflect")
    window = np.pad(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(800) / 799), 112)
    frames = [padded[at : at + 1024] * window for at in range(0, len(sound) + 1, 320)]
    power = np.abs(np.fft.rfft(np.stack(frames), axis=1)) ** 2
    return np.asarray((np.log(bank @ power.T + 1e-5) + 4.5) / 5)


def test_the_front_end_is_passts() -> None:
    sound = wav(1.0)
    mel = log_mel(sound)
    assert mel.shape == (128, 100)
    assert np.allclose(mel.numpy(), plain_mel(sound.astype(np.float64)), atol=2e-3)


def plain_logits(t: dict[str, Tensor], mel: Tensor) -> Tensor:
    """One sound, its attention by torch's own module."""
    x = F.conv2d(mel[None, None], t["patch_embed.proj.weight"], t["patch_embed.proj.bias"], stride=10)
    x = x[..., : t["time_new_pos_embed"].shape[-1]]
    x = x + t["freq_new_pos_embed"] + t["time_new_pos_embed"][..., : x.shape[-1]]
    patches = torch.stack([x[0, :, row, column] for row in range(12) for column in range(x.shape[-1])])
    first = t["cls_token"][0] + t["new_pos_embed"][0, :1]
    second = t["dist_token"][0] + t["new_pos_embed"][0, 1:]
    y = torch.cat([first, second, patches])[None]
    for block in range(DEPTH):
        name = f"blocks.{block}."
        attention = nn.MultiheadAttention(DIM, DIM // 64, batch_first=True)
        attention.load_state_dict(
            {
                "in_proj_weight": t[name + "attn.qkv.weight"],
                "in_proj_bias": t[name + "attn.qkv.bias"],
                "out_proj.weight": t[name + "attn.proj.weight"],
                "out_proj.bias": t[name + "attn.proj.bias"],
            }
        )
        z = F.layer_norm(y, (DIM,), t[name + "norm1.weight"], t[name + "norm1.bias"], 1e-6)
        y = y + attention(z, z, z)[0]
        z = F.layer_norm(y, (DIM,), t[name + "norm2.weight"], t[name + "norm2.bias"], 1e-6)
        z = F.gelu(F.linear(z, t[name + "mlp.fc1.weight"], t[name + "mlp.fc1.bias"]))
        y = y + F.linear(z, t[name + "mlp.fc2.weight"], t[name + "mlp.fc2.bias"])
    y = F.layer_norm(y, (DIM,), t["norm.weight"], t["norm.bias"], 1e-6)
    middle = (y[:, 0] + y[:, 1]) / 2
    middle = F.layer_norm(middle, (DIM,), t["head.0.weight"], t["head.0.bias"], 1e-5)
    return F.linear(middle, t["head.1.weight"], t["head.1.bias"])[0]


@torch.inference_mode()
def test_the_public_names_load_and_compute_what_they_should(tmp_path: Path) -> None:
    tensors = public_names()
    torch.save(tensors, tmp_path / "passt.pt")
    passt = Passt(tmp_path / "passt.pt")
    sound = wav(1.3)
    expected = plain_logits(tensors, log_mel(sound)).softmax(dim=0).numpy()
    heard = passt.label_probabilities(sound)
    assert np.allclose(heard, expected, atol=1e-5)
    assert heard.sum() == pytest.approx(1)
    assert (passt.describe().sample_rate, passt.describe().window_s) == (32000, 10.0)


@torch.inference_mode()
def test_a_longer_sound_is_heard_in_pieces_and_a_scrap_is_not(tmp_path: Path) -> None:
    tensors = public_names(columns=9)  # of a network of one second
    torch.save(
        {"state_dict": {f"net.{name}": tensor for name, tensor in tensors.items()}}, tmp_path / "passt.pt"
    )
    passt = Passt(tmp_path / "passt.pt")
    assert passt.describe().window_s == 1.0
    sound = wav(2.1)
    pieces = [passt.label_probabilities(sound[at : at + 32000]) for at in (0, 32000)]
    assert np.allclose(passt.label_probabilities(sound), np.mean(pieces, axis=0), atol=1e-6)
    assert passt.label_probabilities(wav(0.05)).sum() == pytest.approx(1)


def test_other_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    torch.save({"norm.weight": torch.zeros(3)}, tmp_path / "other.pt")
    with pytest.raises(CheckpointCorrupt, match="no PaSST"):
        Passt(tmp_path / "other.pt")
    lacking = public_names()
    del lacking["blocks.1.mlp.fc2.bias"]
    torch.save(lacking, tmp_path / "other.pt")
    with pytest.raises(CheckpointCorrupt, match="1 missing"):
        Passt(tmp_path / "other.pt")
