"""FAD, KL and the ImageBind score: closed forms, and the public files' names from the option to the figure."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import CheckpointNotFound
from engine.evaluation.clips import Film, Sound, TestClip, read_clip
from engine.evaluation.embeddings import EmbeddingInfo
from engine.evaluation.metrics import ClipMetric, MetricSettings, SetMetric
from engine.evaluation.metrics.fad import EAR, FrechetAudioDistance
from engine.evaluation.metrics.imagebind_score import ImageBindScore, picture_vectors
from engine.evaluation.metrics.kl import LabelDivergence, divergence
from engine.evaluation.metrics.registry import metrics_of
from engine.visual.encoder import EncoderInfo
from tests.engine.evaluation.embeddings import test_imagebind_audio, test_passt, test_vggish
from tests.engine.evaluation.films import write_film
from tests.engine.visual import test_imagebind

LEARNED = ("fad", "kl", "imagebind")


def sound(seed: int, seconds: float = 1.0) -> Sound:
    rng = np.random.default_rng(seed)
    return Sound(rng.uniform(-0.5, 0.5, round(16000 * seconds)).astype(np.float32))


def clip(own: Sound) -> TestClip:
    return TestClip("clip", Film(Path("none.mp4"), Fraction(25), Fraction(2), 64, 48), own, (), "file")


class Mirror:
    """An embedding of one second's first samples, heard at half the rate."""

    def describe(self) -> EmbeddingInfo:
        return EmbeddingInfo("mirror", 8000, 3, 1.0, 1.0)

    def embed(self, wav: np.ndarray) -> np.ndarray:
        count = wav.size // 8000
        return np.stack([wav[8000 * i : 8000 * i + 3] for i in range(count)])

    def label_probabilities(self, wav: np.ndarray) -> np.ndarray:
        weights = np.abs(wav[:3]).astype(np.float64)
        return np.asarray(weights / weights.sum())


def test_fad_is_of_all_windows_of_all_clips_at_the_embeddings_rate() -> None:
    metric = FrechetAudioDistance(EAR, Mirror(), "")
    assert metric.embed(sound(0, 3.0)).shape == (3, 3)
    rng = np.random.default_rng(0)
    rows = [rng.standard_normal((count, 3)) for count in (2, 30, 8)]
    moved = [np.add(each, [3.0, 0.0, 4.0]) for each in rows]
    assert metric.value(moved, rows) == pytest.approx(25.0)  # the same covariance, 5 away
    assert metric.value(rows[::-1], [np.concatenate(rows)]) == pytest.approx(0.0, abs=1e-9)
    assert metric.value([], rows) is None
    assert metric.remark(rows, rows) is None
    assert metric.remark(rows[:1], rows) == (
        "only 2 windows for 3 dimensions: the distance is too great, and may be compared only with one of as "
        "many windows"
    )


def test_kl_is_of_the_films_own_sound_from_the_sample() -> None:
    reference, sample = np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.5, 0.25])
    assert divergence(reference, sample) == pytest.approx(0.5 * np.log(2), abs=1e-5)
    assert divergence(sample, reference) == pytest.approx(
        0.25 * np.log(0.25 / 0.5) + 0.25 * np.log(0.25 / 1e-6), rel=1e-4
    )
    assert divergence(reference, reference) == pytest.approx(0, abs=1e-5)
    metric = LabelDivergence(EAR, Mirror(), "")
    own, other = sound(1), sound(2)
    assert metric.measure(own, clip(own)).value == pytest.approx(0, abs=1e-4)
    there, back = metric.measure(other, clip(own)).value, metric.measure(own, clip(other)).value
    assert there is not None and back is not None and there > 0 and back > 0


class Eyes:
    """Sees how bright the picture is, in the first of two directions."""

    def describe(self) -> EncoderInfo:
        return EncoderInfo("eyes", 2, 8, 1, "none")

    def encode(self, frames: np.ndarray) -> torch.Tensor:
        assert frames.shape[1:] == (1, 8, 8, 3)
        return torch.tensor([[float(frame.mean()), 0.0] for frame in frames])


class Ears:
    def describe(self) -> EmbeddingInfo:
        return EmbeddingInfo("ears", 16000, 2, 2.0, 2.0)

    def embed(self, wav: np.ndarray) -> np.ndarray:
        return np.array([[wav[0], wav[1]]])


def test_the_imagebind_score_is_the_cosine_of_picture_and_sound(tmp_path: Path) -> None:
    film = read_clip(write_film(tmp_path / "film.mp4", [0.4, 1.2]))
    assert picture_vectors(film.film, Eyes()).shape == (2, 2)
    metric = ImageBindScore(Eyes(), Ears())
    sample = Sound(np.array([0.3, 0.4], np.float32))
    assert metric.measure(sample, film).value == pytest.approx(0.6)


def test_without_files_each_says_which_one_it_lacks() -> None:
    metrics = {metric.about.name: metric for metric in metrics_of(LEARNED, MetricSettings())}
    assert list(metrics) == ["fad-ear", "fad-vggish", "kl-ear", "kl-passt", "imagebind"]
    assert metrics["fad-ear"].available() is None and metrics["kl-ear"].available() is None
    for name, option in (("fad-vggish", "--vggish"), ("kl-passt", "--passt"), ("imagebind", "--imagebind")):
        reason = metrics[name].available()
        assert reason is not None and option in reason


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    for option in ("vggish", "passt", "imagebind", "ear"):
        with pytest.raises(CheckpointNotFound):
            metrics_of(LEARNED, MetricSettings(**{option: tmp_path / "none"}))


def test_files_with_the_public_names_become_figures(tmp_path: Path) -> None:
    torch.save(test_vggish.public_names(), tmp_path / "vggish.pth")
    torch.save(test_passt.public_names(), tmp_path / "passt.pt")
    towers = test_imagebind.public_names()
    towers |= {k: v for k, v in test_imagebind_audio.public_names().items() if "vision" not in k}
    torch.save(towers, tmp_path / "imagebind.pth")
    settings = MetricSettings(tmp_path / "vggish.pth", tmp_path / "passt.pt", tmp_path / "imagebind.pth")
    film, sample = read_clip(write_film(tmp_path / "film.mp4", [0.4, 1.2])), sound(3, 2.0)
    found: dict[str, float] = {}
    for metric in metrics_of(LEARNED, settings):
        assert metric.available() is None
        if hasattr(metric, "embed"):
            of_sets: SetMetric = metric  # type: ignore[assignment]
            rows = [of_sets.embed(sound(seed, 2.0)) for seed in range(3)]
            value = of_sets.value(rows, [of_sets.embed(film.sound), *rows[1:]])
        else:
            of_clips: ClipMetric = metric  # type: ignore[assignment]
            value = of_clips.measure(sample, film).value
        assert value is not None and np.isfinite(value)
        found[metric.about.name] = value
    assert found["fad-ear"] > 0 and found["fad-vggish"] > 0 and found["kl-ear"] > 0 and found["kl-passt"] > 0
    assert -1 < found["imagebind"] < 1
