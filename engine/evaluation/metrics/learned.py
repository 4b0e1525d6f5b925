"""What metrics of learned models share: sounds at a model's rate, and the ear that is there without asking."""

from __future__ import annotations

from engine.errors import CheckpointNotFound
from engine.evaluation.clips import Sound
from engine.evaluation.embeddings import EmbeddingInfo, Wav
from engine.evaluation.embeddings.ear import DEFAULT_EAR, Ear, read_ear
from engine.evaluation.metrics import MetricSettings
from engine.media.audio import resample
from engine.media.onsets import SAMPLE_RATE


def heard_by(sound: Sound, info: EmbeddingInfo) -> Wav:
    """Mono [N] at the model's rate; nothing above 8 kHz is in it, since all sound is measured at 16 kHz."""
    return resample(sound.wav, SAMPLE_RATE, info.sample_rate)


def ear_of(settings: MetricSettings) -> tuple[Ear | None, str]:
    """The ear, or None and the sentence that says why there is none.

    Raises:
        CheckpointError: an ear was asked for by folder and cannot be used, or the one that ships is damaged.
    """
    try:
        return read_ear(settings.ear or DEFAULT_EAR), ""
    except CheckpointNotFound as error:
        if settings.ear is not None:
            raise
        return None, error.sentence
