"""Pictures in which nothing hits, rendered: cuts, pans, flicker, stills, and hits slowed down.

Each is a scene of seeds of its own (none that anything was trained or tuned on), as a player at the spotter's rate
shows it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.config import SpotterConfig
from engine.protocol import Hit
from engine.training.scenes.camera import Camera
from engine.training.scenes.paths import Wander
from engine.training.scenes.render import render_grey
from engine.training.scenes.spec import (
    TEST_SCENES,
    TEST_SEEDS,
    VALIDATION_SEEDS,
    SceneConfig,
    SceneSpec,
    Shot,
    draw_spec,
    scene_rng,
)
from engine.training.spotter_scenes import every_label

SEEDS = range(TEST_SEEDS.start + 500_000, TEST_SEEDS.start + 600_000)
"""The far end of the test seeds: `evaluate spotter` counts from the other."""
VALIDATION = range(VALIDATION_SEEDS.start + 500_000, VALIDATION_SEEDS.start + 600_000)
"""What thresholds are fixed on."""
DURATION_S = 8.0
SLOWNESS = 5.0

Frames = NDArray[np.uint8]
Times = NDArray[np.float64]

QUIET: SceneConfig = msgspec.structs.replace(
    TEST_SCENES, duration_s=DURATION_S, still_share=1.0, cut_share=0.0, moving_camera_share=0.0
)
SLOWED: SceneConfig = msgspec.structs.replace(
    TEST_SCENES, duration_s=DURATION_S / SLOWNESS, cut_share=0.0, distractor_share=0.0
)


@dataclass(frozen=True, eq=False)
class StillScene:
    """Grey frames uint8 [T, H, W] at the spotter's rate; `hits` are the only moments that may be found."""

    kind: str
    frames: Frames
    duration_s: float
    hits: tuple[Hit, ...] = ()


def still_scene(kind: str, number: int, config: SpotterConfig, *, seeds: range = SEEDS) -> StillScene:
    """Scene `number` of a kind: the same whatever else is drawn."""
    rng = scene_rng(seeds[number])
    return KINDS[kind](rng, config)


def _quiet(rng: np.random.Generator) -> SceneSpec:
    """A shot of things at rest."""
    spec = draw_spec(rng, every_label(), QUIET)
    return replace(spec, grade=replace(spec.grade, flicker=None))


def _cuts(rng: np.random.Generator, config: SpotterConfig) -> StillScene:
    """Shots of half a second to two seconds, each of another place."""
    starts = [0.0]
    while starts[-1] < DURATION_S - 0.5:
        starts.append(starts[-1] + float(rng.uniform(0.5, 2.0)))
    starts = [start for start in starts if start < DURATION_S]
    first = _quiet(rng)
    shots: list[Shot] = []
    for start_s, end_s in zip(starts, [*starts[1:], DURATION_S], strict=True):
        shot = _quiet(rng).shots[0]
        shots.append(replace(shot, start_s=start_s, end_s=end_s))
    spec = replace(first, shots=tuple(shots), cuts_s=tuple(starts[1:]))
    return StillScene("cuts", _played(spec, config), DURATION_S)


def _pans(rng: np.random.Generator, config: SpotterConfig) -> StillScene:
    """A camera that pans, tilts, zooms or is held by hand, starting and stopping with the shot."""
    spec = _quiet(rng)
    hand = float(rng.choice([0.0, 0.01, 0.03]))
    camera = Camera(
        pan_x=float(rng.choice([-1, 1]) * rng.uniform(0.05, 0.5)),
        pan_y=float(rng.normal(0, 0.05)),
        drift_x=Wander.drawn(rng, hand, (0.4, 4.0), 4),
        drift_y=Wander.drawn(rng, hand, (0.4, 4.0), 4),
        zoom_rate=float(rng.normal(0, 0.05)),
        middle_s=DURATION_S / 2,
    )
    shots = tuple(replace(shot, camera=camera) for shot in spec.shots)
    return StillScene("pans", _played(replace(spec, shots=shots), config), DURATION_S)


def _flicker(rng: np.random.Generator, config: SpotterConfig) -> StillScene:
    """Light that flickers, and half the time a lamp that is switched."""
    spec = _quiet(rng)
    flicker = Wander.drawn(rng, float(rng.uniform(0.05, 0.3)), (1.0, 14.0), 4)
    frames = _played(replace(spec, grade=replace(spec.grade, flicker=flicker)), config)
    if rng.random() < 0.5:
        at = int(rng.integers(len(frames) // 4, 3 * len(frames) // 4))
        dimmed = frames[at:].astype(np.float32) * float(rng.uniform(0.4, 0.8))
        frames = np.concatenate([frames[:at], dimmed.astype(np.uint8)])
    return StillScene("flicker", frames, DURATION_S)


def _stills(rng: np.random.Generator, config: SpotterConfig) -> StillScene:
    """One picture held, as a photograph is; half of them under the grain of a sensor."""
    spec = _quiet(rng)
    frame = render_grey(spec, np.array([float(rng.uniform(0, DURATION_S))]), config.width, config.height)
    frames = np.repeat(frame, math.ceil(DURATION_S * config.frame_rate), axis=0)
    if rng.random() < 0.5:
        grain = rng.normal(0, float(rng.uniform(1, 6)), frames.shape)
        frames = np.round(frames + grain).clip(0, 255).astype(np.uint8)
    return StillScene("stills", frames, DURATION_S)


def _slow_motion(rng: np.random.Generator, config: SpotterConfig) -> StillScene:
    """Hits at a fifth of the speed, shot fast or, half of them, each frame held five times as long."""
    spec = draw_spec(rng, every_label(), SLOWED)
    spec = replace(spec, grade=replace(spec.grade, flicker=None))
    times_s = np.arange(math.ceil(DURATION_S * config.frame_rate)) / config.frame_rate / SLOWNESS
    if rng.random() < 0.5:
        times_s = np.floor(times_s * config.frame_rate + 1e-6) / config.frame_rate
    hits = tuple(msgspec.structs.replace(hit, time_s=hit.time_s * SLOWNESS) for hit in spec.hits)
    return StillScene("slow motion", _at(spec, times_s, config), DURATION_S, hits)


def _played(spec: SceneSpec, config: SpotterConfig) -> Frames:
    frames = math.ceil(spec.duration_s * config.frame_rate - 1e-9)
    at_s = np.arange(frames) / config.frame_rate
    return _at(spec, np.floor(at_s * spec.frame_rate + 1e-6) / spec.frame_rate, config)


def _at(spec: SceneSpec, times_s: Times, config: SpotterConfig) -> Frames:
    times, shown = np.unique(times_s, return_inverse=True)
    return np.ascontiguousarray(render_grey(spec, times, config.width, config.height)[shown])


KINDS: dict[str, Callable[[np.random.Generator, SpotterConfig], StillScene]] = {
    "cuts": _cuts,
    "pans": _pans,
    "flicker": _flicker,
    "slow motion": _slow_motion,
    "stills": _stills,
}
