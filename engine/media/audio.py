"""Sound files: float32 mono arrays in and out."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from engine.errors import MediaNotFound
from engine.media.atomic import write_new_file
from engine.media.film_sound import FilmBlocks

Wav = NDArray[np.float32]

WRITTEN_AT_ONCE_SAMPLES = 1 << 18


@dataclass(frozen=True)
class FilmSound:
    """A film's sound, mixed down: float32 mono [N].

    `start_s` is its first sample's time on the container's clock, on which `OpenVideo.origin_s` is the first
    picture's. `missing_s` is how much less came than the container promises.
    """

    wav: Wav
    sample_rate: int
    start_s: float
    missing_s: float


def read_audio(path: str | Path, sample_rate: int | None = None) -> Wav:
    """A sound file, or a film's sound, mixed down: float32 mono [N] from its first sample.

    `sample_rate` of None keeps the file's own (see `read_audio_with_rate`).

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    wav, own_rate = read_audio_with_rate(path)
    return wav if sample_rate is None else resample(wav, own_rate, sample_rate)


def read_audio_with_rate(path: str | Path) -> tuple[Wav, int]:
    """float32 mono [N] and its sample rate in Hz.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    path = Path(path)
    if not path.is_file():
        raise MediaNotFound(f"The sound file {path} is not there; reconnect its drive or relink the clip.")
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError, TypeError):
        sound = read_film_sound(path)
        return sound.wav, sound.sample_rate
    return _mixed(samples), int(rate)


def _mixed(samples: NDArray[np.float32]) -> Wav:
    """[N, C] to [N]."""
    return np.ascontiguousarray(samples.mean(axis=1), dtype=np.float32)


def read_film_sound(path: Path) -> FilmSound:
    """All sounds of a film as one, from the first sample that decodes.

    Raises:
        MediaNotFound, MediaUnreadable.
    """
    with FilmBlocks(path) as film:
        blocks = list(film)
    return FilmSound(np.concatenate(blocks), film.sample_rate, film.start_s, film.missing_s)


def resample(wav: NDArray[np.floating], from_rate: int, to_rate: int) -> Wav:
    """[N] at `from_rate` Hz to [round(N * to / from)] at `to_rate`, soxr's best quality."""
    if from_rate == to_rate:
        return np.asarray(wav, np.float32)
    return np.asarray(
        soxr.resample(np.asarray(wav, np.float32), from_rate, to_rate, quality="VHQ"), np.float32
    )


def write_wav(path: str | Path, wav: NDArray[np.floating], sample_rate: int) -> str:
    """Write mono [N] as 24-bit PCM, whole or not at all; values beyond -1 to 1 are clipped.

    Returns:
        The file's sha256, in hexadecimal.

    Raises:
        OutputError: the file exists, its folder does not, or the disk is full.
    """
    content = encode_wav(wav, sample_rate)
    write_new_file(Path(path), content)
    return hashlib.sha256(content).hexdigest()


def encode_wav(wav: NDArray[np.floating], sample_rate: int) -> bytes:
    """The bytes of a WAV file, as `write_wav` writes it."""
    if wav.ndim != 1 or not np.isfinite(wav).all():
        raise ValueError(f"a mono array of finite samples is needed, not one of shape {wav.shape}")
    content = io.BytesIO()
    with soundfile.SoundFile(content, "w", sample_rate, 1, format="WAV", subtype="PCM_24") as file:
        # In parts: a long take is not held twice.
        for start in range(0, len(wav), WRITTEN_AT_ONCE_SAMPLES):
            file.write(np.clip(wav[start : start + WRITTEN_AT_ONCE_SAMPLES], -1.0, 1.0))
    return content.getvalue()
