"""VGGish: its front end against a plain one, and the public port's names in miniature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.evaluation.embeddings.mel import mel_triangles
from engine.evaluation.embeddings.vggish import WIDTHS, Vggish, VggishNet, examples_of

SMALL = (4, 6, 8, 8, 10, 10)
PLACES = (0, 3, 6, 8, 11, 13)


def wav(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * 16000)).astype(np.float32)


def public_names() -> dict[str, Tensor]:
    """As `vggish-10086976.pth` calls them, where the widths are 64 to 512 and 4096."""
    generator = torch.Generator().manual_seed(0)
    shapes = {f"features.{place}.weight": (after, before, 3, 3) for place, before, after in sized()}
    shapes |= {
        "embeddings.0.weight": (16, 10 * 24),
        "embeddings.2.weight": (16, 16),
        "embeddings.4.weight": (12, 16),
    }
    tensors = {name: torch.randn(shape, generator=generator) * 0.2 for name, shape in shapes.items()}
    return tensors | {
        name.replace("weight", "bias"): torch.randn(tensor.shape[0], generator=generator) * 0.1
        for name, tensor in tensors.items()
    }


def sized() -> list[tuple[int, int, int]]:
    return list(zip(PLACES, (1, *SMALL), SMALL, strict=False))


def plain_examples(sound: np.ndarray) -> np.ndarray:
    """Frame by frame, by the discrete Fourier transform's definition over the window's 400 samples."""
    count = 1 + (len(sound) - 400) // 160
    bank = mel_triangles(64, 512, 16000, 125.0, 7500.0).double().numpy()
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    wave = np.exp(-2j * np.pi * np.outer(np.arange(257), np.arange(400)) / 512)
    rows = [
        np.log(bank @ np.abs(wave @ (window * sound[160 * i : 160 * i + 400])) + 0.01) for i in range(count)
    ]
    return np.stack([rows[96 * i : 96 * (i + 1)] for i in range(count // 96)])


def test_the_front_end_is_vggishs() -> None:
    sound = wav(2.4)
    assert examples_of(sound).shape == (2, 96, 64)
    assert np.allclose(examples_of(sound).numpy(), plain_examples(sound.astype(np.float64)), atol=1e-4)


def test_a_short_sound_is_one_example_and_an_unfinished_one_is_dropped() -> None:
    assert len(examples_of(wav(0.2))) == 1
    assert np.allclose(examples_of(wav(0.2))[0, -1].numpy(), np.log(0.01))
    assert len(examples_of(wav(0.975))) == 1
    assert len(examples_of(wav(1.9))) == 1
    assert len(examples_of(wav(1.94))) == 2


def plain_network(tensors: dict[str, Tensor], examples: Tensor) -> Tensor:
    x = examples[:, None]
    for index, place in enumerate(PLACES):
        x = F.relu(
            F.conv2d(x, tensors[f"features.{place}.weight"], tensors[f"features.{place}.bias"], padding=1)
        )
        if index in (0, 1, 3, 5):
            x = F.max_pool2d(x, 2)
    rows = []
    for maps in x:  # [10, 6, 4]: TensorFlow reads time, then band, then channel
        flat = torch.stack([maps[c, t, f] for t in range(6) for f in range(4) for c in range(10)])
        for place in (0, 2, 4):
            flat = tensors[f"embeddings.{place}.weight"] @ flat + tensors[f"embeddings.{place}.bias"]
            flat = flat if place == 4 else F.relu(flat)
        rows.append(flat)
    return torch.stack(rows)


@pytest.mark.parametrize("kind", ["pth", "old pth", "safetensors"])
def test_the_public_names_load_and_compute_what_they_should(tmp_path: Path, kind: str) -> None:
    tensors = public_names()
    path = tmp_path / f"vggish.{kind.split()[-1]}"
    if kind == "safetensors":
        save_file(tensors, path)
    else:
        torch.save(tensors, path, _use_new_zipfile_serialization=kind == "pth")
    vggish = Vggish(path)
    sound = wav(2.0)
    expected = plain_network(tensors, examples_of(sound))
    assert np.allclose(vggish.embed(sound), expected.numpy(), rtol=1e-4, atol=1e-4)
    info = vggish.describe()
    assert (info.dim, info.sample_rate, info.window_s) == (12, 16000, 0.96)


def test_the_full_shapes_are_the_public_ones() -> None:
    with torch.device("meta"):
        shapes = {name: tuple(tensor.shape) for name, tensor in VggishNet().state_dict().items()}
    assert shapes["features.13.weight"] == (512, 512, 3, 3)
    assert shapes["embeddings.0.weight"] == (4096, 12288)
    assert shapes["embeddings.4.weight"] == (128, 4096)
    assert [shapes[f"features.{place}.weight"][0] for place in PLACES] == list(WIDTHS)
    assert len(shapes) == 18


def test_other_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CheckpointNotFound, match="VGGish"):
        Vggish(tmp_path / "none.pth")
    other = tmp_path / "other.pth"
    torch.save({"conv.weight": torch.zeros(1)}, other)
    with pytest.raises(CheckpointCorrupt, match="no VGGish"):
        Vggish(other)
    other.write_bytes(b"hello")
    with pytest.raises(CheckpointCorrupt, match="cannot be read"):
        Vggish(other)
    lacking = public_names()
    del lacking["embeddings.2.bias"]
    torch.save(lacking, other)
    with pytest.raises(CheckpointCorrupt, match="1 missing"):
        Vggish(other)
