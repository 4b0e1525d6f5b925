"""ImageBind score: does the sample belong to the picture, in a space that both share (arXiv 2305.05665)?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.config import ImageBindConfig
from engine.evaluation.clips import Film, Sound, TestClip
from engine.evaluation.embeddings import AudioEmbedding
from engine.evaluation.embeddings.imagebind_audio import ImageBindAudio
from engine.evaluation.metrics import About, ClipMetric, Measured, MetricSettings
from engine.evaluation.metrics.learned import heard_by
from engine.media.video import FrameRequest, sample_picture
from engine.protocol import Picture, Span, rational
from engine.visual.encoder import VisualEncoder
from engine.visual.encoders import open_encoder

Vector = NDArray[np.float64]

ABOUT = About(
    name="imagebind",
    title="ImageBind score",
    unit="",
    direction="higher",
    explanation="Cosine, in ImageBind's space (arXiv 2305.05665), between the sample (the mean of three clips of 2 s) "
    "and the picture (the mean of one picture a second, each a unit vector). Some reports give it times 100.",
)


class ImageBindScore(ClipMetric):
    """Needs only the picture and the sample: the film's own sound is one row among others."""

    def __init__(self, eyes: VisualEncoder | None, ears: AudioEmbedding | None) -> None:
        self._eyes, self._ears = eyes, ears

    @property
    def about(self) -> About:
        return ABOUT

    def available(self) -> str | None:
        if self._eyes is None or self._ears is None:
            return "The ImageBind score needs its public checkpoint: give the file by --imagebind."
        return None

    def measure(self, sample: Sound, clip: TestClip) -> Measured:
        return Measured(float(self._seen(clip.film) @ self._heard(sample)))

    def _seen(self, film: Film) -> Vector:
        eyes = self._eyes
        assert eyes is not None
        return film.once(ABOUT.name, lambda: _direction(picture_vectors(film, eyes)))

    def _heard(self, sound: Sound) -> Vector:
        ears = self._ears
        assert ears is not None
        return sound.once(ABOUT.name, lambda: _direction(ears.embed(heard_by(sound, ears.describe()))))


def picture_vectors(film: Film, eyes: VisualEncoder) -> NDArray[np.floating]:
    """One vector a second [seconds, width].

    Raises:
        MediaError: the picture cannot be decoded.
    """
    info = eyes.describe()
    times_s = info.picture_times(film.duration_s)
    picture = Picture(str(film.path.absolute()), [Span(rational(film.duration_s), (0, 1))])
    request = FrameRequest(times_s.ravel(), info.image_size, info.image_size, "rgb24", info.fit)
    [frames] = sample_picture(picture, [request])
    vectors: NDArray[np.floating] = eyes.encode(frames.reshape(*times_s.shape, *frames.shape[1:])).numpy()
    return vectors


def _direction(vectors: NDArray[np.floating]) -> Vector:
    """The mean of unit vectors [N, D], made one itself."""
    exact = np.asarray(vectors, np.float64)
    mean = (exact / np.maximum(np.linalg.norm(exact, axis=1, keepdims=True), 1e-12)).mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12))


def family(settings: MetricSettings) -> Sequence[ClipMetric]:
    """
    Raises:
        CheckpointError: a file was given that cannot be used.
    """
    return [_opened(settings.imagebind)]


def _opened(path: Path | None) -> ImageBindScore:
    if path is None:
        return ImageBindScore(None, None)
    return ImageBindScore(open_encoder(ImageBindConfig(weights=str(path.absolute()))), ImageBindAudio(path))
