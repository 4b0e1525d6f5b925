"""What the motion network is trained on: scenes drawn afresh, seen through poor cameras and poor codecs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.config import SpotterConfig
from engine.media.intensity import FLOOR_DB, WINDOW_S
from engine.protocol import Hit
from engine.training.scenes.events import LibraryView
from engine.training.scenes.labels import CONTINUOUS_LABELS, LOOKS
from engine.training.scenes.render import render_grey
from engine.training.scenes.sound import CONTINUOUS_LEVEL_DB, CONTINUOUS_RANGE_DB, strength_gain_db
from engine.training.scenes.spec import TRAINING_SCENES, SceneConfig, SceneSpec, draw_spec, scene_rng

HIT_LEVEL_DB = -20.0
HIT_DECAY_DB_PER_S = 75.0
"""How a full hit sounds on the average of the rendered scenes: RMS right after it, and how it rings down."""
STEP_S = 0.005
FADE_INTENSITY = 0.05
"""Continuous sounds fade to silence below this intensity."""

WATCHED_SCENES: SceneConfig = msgspec.structs.replace(TRAINING_SCENES, handled_share=0.15, strided_share=0.75)
"""Things set down by hand are shown to the spotter alone: any label may be handled, so it tells none. Walkers whose
legs bend came when the language model had been trained.
"""

Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class WatchedScene:
    """Grey frames uint8 [T, H, W] at the network's rate, the scene's hits, and its curve [T] mid-frame."""

    frames: Frames
    hits: tuple[Hit, ...]
    curve: NDArray[np.float32]
    duration_s: float
    source_frame_rate: float


def every_label() -> LibraryView:
    """All labels that have a look: pictures need no recordings."""
    points = tuple(sorted(label for label in LOOKS if label not in CONTINUOUS_LABELS))
    return LibraryView(points, tuple(sorted(CONTINUOUS_LABELS)))


def every_footstep() -> LibraryView:
    """All labels of people who walk."""
    return LibraryView(
        tuple(label for label in every_label().point_labels if label.startswith("footstep")), ()
    )


def watched_scene(
    seed: int,
    config: SpotterConfig,
    scenes: SceneConfig = WATCHED_SCENES,
    *,
    view: LibraryView | None = None,
    worn: bool = True,
) -> WatchedScene:
    """Scene `seed` as a player at the network's rate shows it; `worn` by camera and codec, or clean.

    Args:
        view: the labels that it may be of; None for every label.
    """
    rng = scene_rng(seed)
    spec = draw_spec(rng, view or every_label(), scenes)
    frame_rate = spec.frame_rate
    num_frames = math.ceil(spec.duration_s * config.frame_rate - 1e-9)
    phase_s = float(rng.uniform(0, 1 / frame_rate))
    at_s = np.arange(num_frames) / config.frame_rate + phase_s
    source = np.floor(at_s * frame_rate + 1e-6).astype(int)
    numbers, shown = np.unique(source, return_inverse=True)
    frames = render_grey(spec, np.maximum(numbers / frame_rate - phase_s, 0.0), config.width, config.height)
    if worn:
        frames, shown = _worn(rng, frames, shown)
    return WatchedScene(
        np.ascontiguousarray(frames[shown]), spec.hits, expected_curve(spec, num_frames, config.frame_rate),
        spec.duration_s, frame_rate,
    )  # fmt: skip


def expected_curve(spec: SceneSpec, num_frames: int, frame_rate: float) -> NDArray[np.float32]:
    """The intensity curve (`engine.media.intensity`) that the scene's sound has on average, float32 [T]."""
    count = math.ceil(spec.duration_s / STEP_S)
    t = (np.arange(count, dtype=np.float64) + 0.5) * STEP_S
    power: NDArray[np.floating] = np.zeros(count)
    if spec.continuous:
        strength = spec.intensity.at(t)
        level_db = CONTINUOUS_LEVEL_DB - CONTINUOUS_RANGE_DB * (1 - strength)
        power += 10 ** (level_db / 10) * np.clip(strength / FADE_INTENSITY, 0, 1) ** 2
    for hit in spec.hits:
        age_s = t - hit.time_s
        level_db = HIT_LEVEL_DB + strength_gain_db(hit.strength) - HIT_DECAY_DB_PER_S * age_s
        power += np.where(age_s >= 0, 10 ** (np.minimum(level_db, 0) / 10), 0)
    total = np.concatenate([[0.0], np.cumsum(power) * STEP_S])
    middles_s = (np.arange(num_frames) + 0.5) / frame_rate
    edges_s = np.arange(count + 1) * STEP_S
    window = np.interp(middles_s + WINDOW_S / 2, edges_s, total) - np.interp(
        middles_s - WINDOW_S / 2, edges_s, total
    )
    level_db = 10 * np.log10(np.maximum(window / WINDOW_S, 1e-12))
    return np.asarray(np.clip(1 - level_db / FLOOR_DB, 0, 1), np.float32)


def _worn(
    rng: np.random.Generator, frames: Frames, shown: NDArray[np.intp]
) -> tuple[Frames, NDArray[np.intp]]:
    """Frames [N, H, W] as they come back from a camera and a codec, and which is shown when."""
    light = frames.astype(np.float32)
    if rng.random() < 0.5:
        light = light[:, :, ::-1]
    if rng.random() < 0.1:
        light = 255 - light
    if rng.random() < 0.3:
        light = _blurred(light, float(rng.uniform(0.2, 1.0)))
    if rng.random() < 0.5:
        light = 255 * np.power(light / 255, np.float32(np.exp(rng.normal(0, 0.35))))
        light = 128 + (light - 128) * float(rng.uniform(0.4, 1.2))
    if rng.random() < 0.1:
        light[1:] = 0.5 * light[1:] + 0.5 * light[:-1]  # a conversion between rates that blends
    if rng.random() < 0.3:
        light = light + rng.normal(0, float(rng.uniform(0.5, 5)), light.shape).astype(np.float32)
    light = light.clip(0, 255)
    if rng.random() < 0.5:
        light = _skipped(rng, light)
    if rng.random() < 0.12:
        shown = _with_drops(rng, shown)
    return np.round(light).clip(0, 255).astype(np.uint8), shown


def _blurred(light: NDArray[np.float32], amount: float) -> NDArray[np.float32]:
    side = amount / (2 + amount)
    for axis in (1, 2):
        light = (1 - side) * light + side / 2 * (np.roll(light, 1, axis) + np.roll(light, -1, axis))
    return light


def _skipped(rng: np.random.Generator, light: NDArray[np.float32]) -> NDArray[np.float32]:
    """As after a codec of few bits: blocks that hardly change are not sent again until the next key frame."""
    threshold = float(rng.uniform(0.5, 6))
    key_every = int(rng.choice([12, 30, 60, 250]))
    coarse = float(rng.uniform(1, 5))
    height, width = light.shape[1:]
    out = np.empty_like(light)
    current = light[0]
    for i, frame in enumerate(light):
        if i % key_every == 0:
            current = np.round(frame / coarse) * coarse
        else:
            change = np.abs(frame - current).reshape(height // 3, 3, width // 3, 3).mean((1, 3))
            sent = np.repeat(np.repeat(change > threshold, 3, 0), 3, 1)
            current = np.where(sent, frame, current)
        out[i] = current
    return out


def _with_drops(rng: np.random.Generator, shown: NDArray[np.intp]) -> NDArray[np.intp]:
    """Some source frames never come: the one before is shown instead."""
    count = int(shown.max()) + 1
    arrives = rng.random(count) > float(rng.uniform(0.02, 0.1))
    arrives[0] = True
    last = np.maximum.accumulate(np.where(arrives, np.arange(count), 0))
    return np.asarray(last[shown], np.intp)
