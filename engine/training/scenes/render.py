"""A scene's picture: any set of its moments, at any size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.training.scenes.camera import Backdrop
from engine.training.scenes.paths import Times
from engine.training.scenes.shapes import BLUR_STEPS, LUMA, Floats, Lens, draw
from engine.training.scenes.spec import Grade, SceneSpec, Shot

NOISE_SIZE = 1 << 16
Frames = NDArray[np.uint8]


def render_frames(spec: SceneSpec, times_s: NDArray[np.float64], width: int, height: int) -> Frames:
    """The pictures that begin to be exposed at `times_s` (any order): uint8 [N, H, W, 3], RGB."""
    return _rendered(spec, np.asarray(times_s, np.float64), width, height, channels=3)


def render_grey(spec: SceneSpec, times_s: NDArray[np.float64], width: int, height: int) -> Frames:
    """The same in grey, uint8 [N, H, W], in half the time."""
    return _rendered(spec, np.asarray(times_s, np.float64), width, height, channels=1)[..., 0]


def played_times(spec: SceneSpec, frame_rate: float) -> NDArray[np.float64]:
    """Times of the scene's own frames that are on screen when a player samples it at `frame_rate`.

    A scene shot at 15 frames a second and played at 30 shows each frame twice.
    """
    at = np.arange(int(np.ceil(spec.duration_s * frame_rate - 1e-9))) / frame_rate
    return np.floor(at * spec.frame_rate + 1e-6) / spec.frame_rate


def render_clip(spec: SceneSpec, frame_rate: float, width: int, height: int, *, grey: bool = False) -> Frames:
    """The whole scene as a player at `frame_rate` shows it; repeated frames are rendered once."""
    times, shown = np.unique(played_times(spec, frame_rate), return_inverse=True)
    render = render_grey if grey else render_frames
    return render(spec, times, width, height)[shown]


def _rendered(spec: SceneSpec, times: Times, width: int, height: int, *, channels: int) -> Frames:
    out = np.empty((times.size, height, width, channels), np.uint8)
    starts = [shot.start_s for shot in spec.shots]
    which = np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)
    for index, shot in enumerate(spec.shots):
        mine = np.flatnonzero(which == index)
        if mine.size:
            frames = _shot_frames(shot, times[mine], spec.shutter_s, width, height, channels)
            out[mine] = _graded(frames, spec.grade, times[mine])
    return out


def _shot_frames(
    shot: Shot, times: Times, shutter_s: float, width: int, height: int, channels: int
) -> Floats:
    steps = BLUR_STEPS
    moments = (times[:, None] + shutter_s * (np.arange(steps) + 0.5) / steps).ravel()
    lens = shot.camera.lens(moments)
    if shot.camera.still:
        one = _backdrop(shot.backdrop, shot.camera.lens(times[:1]), 1, height, width, channels)
        frames = np.repeat(one, times.size, axis=0)
    else:
        middle = shot.camera.lens(times + shutter_s / 2)
        frames = _backdrop(shot.backdrop, middle, times.size, height, width, channels)
    for actor in shot.actors:
        for shape in actor.shapes(moments):
            draw(frames, shape, lens, steps)
    return frames


def _backdrop(backdrop: Backdrop, lens: Lens, count: int, height: int, width: int, channels: int) -> Floats:
    return backdrop.paint(lens, count, height, width, channels)


def _graded(frames: Floats, grade: Grade, times: Times) -> Frames:
    tint = np.asarray(grade.tint, np.float32)
    gain = np.float32(255 * grade.gain) * (tint if frames.shape[-1] == 3 else np.atleast_1d(tint @ LUMA))
    frames *= gain
    if grade.flicker is not None:
        frames *= (1 + grade.flicker(times)).astype(np.float32)[:, None, None, None]
    frames += np.float32(255 * grade.lift)
    if grade.noise:
        frames += _noise(frames.shape, grade, times)
    np.clip(frames, 0, 255, out=frames)
    return frames.astype(np.uint8)


def _noise(shape: tuple[int, ...], grade: Grade, times: Times) -> Floats:
    """Sensor noise [N, H, W, 1]; a frame's noise depends on its time only, not on its companions."""
    bank = np.random.default_rng(grade.noise_seed).standard_normal(NOISE_SIZE, dtype=np.float32)
    count, height, width, _ = shape
    starts = (np.round(times * 1e4).astype(np.int64) * 7919 + grade.noise_seed) % NOISE_SIZE
    index = (starts[:, None] + np.arange(height * width)) % NOISE_SIZE
    noise: Floats = (np.float32(255 * grade.noise) * bank[index]).reshape(count, height, width, 1)
    return noise


__all__ = ["played_times", "render_clip", "render_frames", "render_grey"]
