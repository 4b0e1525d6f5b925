"""The project's own ear: its windows, its files, and that the one that ships hears as its card says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.evaluation.embeddings.ear import (
    DEFAULT_EAR,
    WEIGHTS_FILE,
    Ear,
    EarConfig,
    EarNet,
    band_power,
    read_ear,
    windows_of,
    write_ear,
)
from engine.evaluation.embeddings.mel import mel_triangles
from engine.evaluation.families import family_of
from engine.training.ear_card import CARD_FILE, measure_ear
from engine.training.recordings import read_library
from engine.training.scenes.labels import LOOKS
from tests.engine.training.synthetic import ping, placed

CONFIG = EarConfig(
    labels=("impact_wood", "rain", "knock"), families=("impacts", "ambience", "impacts"), widths=(4, 6, 8)
)


def small_ear() -> Ear:
    torch.manual_seed(0)
    return Ear(CONFIG, EarNet(CONFIG).eval())


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(round(seconds * 16000)).astype(np.float32) * 0.1


def test_power_in_bands_frame_by_frame() -> None:
    wav = noise(0.2)
    found = band_power(torch.from_numpy(wav)[None])[0].numpy()
    padded = np.pad(wav.astype(np.float64), 256)
    window = np.pad(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400), 56)
    bank = mel_triangles(64, 512, 16000, 50.0, 8000.0).double().numpy()
    frames = [padded[at : at + 512] * window for at in range(0, len(wav) + 1, 160)]
    expected = np.abs(np.fft.rfft(np.stack(frames), axis=1)) ** 2 @ bank.T / (window.sum() / 2) ** 2
    assert np.allclose(found, expected, rtol=1e-3, atol=1e-9)


def test_windows_do_not_know_how_loud_the_sound_is() -> None:
    wav = placed(2.0, [0.3, 1.2], ping())
    loud, quiet = windows_of(wav), windows_of(wav * np.float32(0.01))
    assert torch.allclose(loud, quiet, atol=0.02)  # what lies 70 dB down is not heard alike
    assert float(loud.max()) == pytest.approx(1.0)
    assert (windows_of(np.zeros(16000, np.float32)) == -1).all()


@pytest.mark.parametrize(
    ("seconds", "count"), [(0.0, 1), (0.1, 1), (0.95, 1), (1.2, 2), (1.43, 2), (1.44, 3)]
)
def test_windows_of_a_second_every_half_second_cover_the_sound(seconds: float, count: int) -> None:
    wav = noise(seconds)
    windows = windows_of(wav)
    assert windows.shape == (count, 96, 64)
    assert (count - 1) * 48 + 96 >= wav.size / 160


def test_silent_windows_do_not_vote() -> None:
    ear = small_ear()
    short = placed(0.9, [0.2], ping())
    long = np.concatenate([short, np.zeros(5 * 16000, np.float32)])
    padded = np.concatenate([short, np.zeros(8000, np.float32)])
    assert np.allclose(ear.label_probabilities(long), ear.label_probabilities(padded), atol=1e-6)


def test_probabilities_add_up_and_families_sum_their_labels() -> None:
    ear = small_ear()
    heard = ear.label_probabilities(noise(1.5))
    assert heard.sum() == pytest.approx(1) and heard.shape == (3,)
    families = ear.family_probabilities(noise(1.5))
    assert families["impacts"] == pytest.approx(heard[0] + heard[2])
    assert list(families.values()) == sorted(families.values(), reverse=True)
    assert ear.embed(noise(1.5)).shape == (3, 128)


def test_an_ear_is_written_and_read(tmp_path: Path) -> None:
    ear = small_ear()
    write_ear(tmp_path, CONFIG, ear.net.state_dict())
    again = read_ear(tmp_path)
    assert again.labels == CONFIG.labels
    assert np.allclose(again.embed(noise(1.0)), ear.embed(noise(1.0)), atol=0.02)  # 16 bits


def test_a_damaged_ear_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointNotFound, match="no ear"):
        read_ear(tmp_path)
    write_ear(tmp_path, CONFIG, small_ear().net.state_dict())
    weights = tmp_path / WEIGHTS_FILE
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    with pytest.raises(CheckpointCorrupt, match="sha256"):
        read_ear(tmp_path)


def test_every_label_has_a_family_that_an_editor_knows() -> None:
    families = {family_of(label) for label in LOOKS}
    assert len(families) == 11
    assert family_of("footstep_snow") == "footsteps" and family_of("impact_bell") == "impacts"
    assert family_of("theremin") == "theremin"


def test_the_ear_that_ships_is_small_and_whole() -> None:
    ear = read_ear()
    assert sum(path.stat().st_size for path in DEFAULT_EAR.iterdir()) < 1.5e6
    assert len(ear.labels) == 83
    assert ear.config.families == tuple(family_of(label) for label in ear.labels)


@pytest.mark.shared
def test_the_ear_that_ships_hears_as_its_card_says(shared: Path) -> None:
    accuracy = measure_ear(read_ear(), read_library(shared / "sounds"))
    card = (DEFAULT_EAR / CARD_FILE).read_text(encoding="utf-8")
    for name, value in (("label", accuracy.label), ("family", accuracy.family)):
        found = re.search(rf"^\| {name} .*?\| ([0-9.]+) \|", card, re.MULTILINE)
        assert found is not None and float(found[1]) == pytest.approx(value, abs=0.006)
    assert accuracy.family > 2 * accuracy.family_chance
