"""A study of tiny films and sounds that tell by their pitch whose they are."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.media.audio import write_wav
from engine.media.movie import write_frames_as_movie

SAMPLE_RATE = 48000
FRAME_RATE = 10
PITCH_HZ = {"ours": 1000, "theirs": 3000, "third": 5000}


def tone(frequency_hz: float, duration_s: float, amplitude: float) -> NDArray[np.float64]:
    return amplitude * np.sin(
        2 * np.pi * frequency_hz * np.arange(round(duration_s * SAMPLE_RATE)) / SAMPLE_RATE
    )


def write_films(folder: Path, names: tuple[str, ...], *, duration_s: float = 0.8) -> Path:
    """Films of a square that moves, each of another grey, with their own sound: a quiet low tone."""
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        frames = np.full((round(duration_s * FRAME_RATE), 72, 128, 3), 40 + 60 * number, np.uint8)
        for index, frame in enumerate(frames):
            frame[20:50, 8 * index : 8 * index + 30] = 220
        sound = tone(200, duration_s, 0.05)
        write_frames_as_movie(frames, sound, folder / f"{name}.mp4", frame_rate=Fraction(FRAME_RATE))
    return folder


def write_samples(folder: Path, system: str, names: tuple[str, ...], *, amplitude: float = 0.1) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        write_wav(folder / f"{name}.wav", tone(PITCH_HZ[system], 0.8, amplitude), SAMPLE_RATE)
    return folder


def pitch_hz(wav: NDArray[np.floating]) -> float:
    spectrum = np.abs(np.fft.rfft(wav))
    return float(np.fft.rfftfreq(wav.size, 1 / SAMPLE_RATE)[spectrum.argmax()])
