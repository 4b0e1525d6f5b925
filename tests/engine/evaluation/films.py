"""Tiny films with sound: something bright strikes the ground at each hit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from engine.media.movie import write_frames_as_movie
from tests.engine.training.synthetic import ping, placed

FRAME_RATE = 25
WIDTH, HEIGHT = 64, 48


def write_film(
    path: Path,
    hits_s: Sequence[float],
    *,
    length_s: float = 2.0,
    label: str | None = "knock",
    with_truth: bool = True,
) -> Path:
    """A ball that falls on a textured ground at each hit and rests there, and a strike heard then."""
    rng = np.random.default_rng(len(path.stem))
    ground = rng.integers(60, 200, (HEIGHT // 4, WIDTH, 1), dtype=np.uint8).repeat(3, axis=2)
    frames = []
    for index in range(round(length_s * FRAME_RATE)):
        time_s = index / FRAME_RATE
        frame = np.full((HEIGHT, WIDTH, 3), 30, np.uint8)
        frame[-len(ground) :] = ground
        until_s = min((hit - time_s for hit in hits_s if hit >= time_s), default=0.0)
        height = int(min(1.0, until_s / 0.2) * (HEIGHT // 2))
        bottom = HEIGHT - len(ground) - height
        frame[max(0, bottom - 10) : bottom, 24:40] = 240
        frames.append(frame)
    wav = placed(length_s, list(hits_s), ping())
    sound = np.interp(np.arange(round(length_s * 48000)) / 3, np.arange(wav.size), wav)
    write_frames_as_movie(frames, sound, path, frame_rate=Fraction(FRAME_RATE))
    if with_truth:
        truth = {
            "hits": [{"time_s": time_s, "strength": 0.8} for time_s in hits_s],
            "label": label,
            "seed": 3,
        }
        path.with_suffix(".json").write_text(json.dumps(truth), encoding="utf-8")
    return path


HITS_S = {"a knock": [0.4, 1.2], "Bé": [0.3, 0.8, 1.5], "c": [1.0], "d": [0.6, 1.1, 1.6]}
"""By stem; names as users have them."""


def write_films(folder: Path) -> list[Path]:
    """Four films, the last without a JSON beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        write_film(folder / f"{stem}.mp4", hits_s, with_truth=stem != "d") for stem, hits_s in HITS_S.items()
    ]
