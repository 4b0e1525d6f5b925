"""How fast a film's picture moves: dense optical flow of small grey frames.

Pyramidal Lucas-Kanade (Lucas and Kanade 1981; Bouguet 1999 for the pyramid) at every pixel: over a small
window the flow is what makes the warped second frame equal the first, by a regularised least-squares step,
repeated from coarse to fine. Where there is no texture there is no flow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.evaluation.clips import Film
from engine.media.video import FrameRequest, sample_picture
from engine.protocol import Picture, Span, rational
from engine.visual.motion import frame_facts

WIDTH = 96
LEVELS = 3
STEPS = 3
WINDOW = 7
REGULARISER = 2e-4
"""Added to the mean squared gradients of a window: about a grey level and a half of 255 a pixel, squared,
several times over, so that sensor noise and compression stand still."""
MAX_STEP_PIXELS = 1.5
NUM_PAIRS_AT_ONCE = 64


@dataclass(frozen=True)
class FilmMotion:
    """Mean flow magnitude of each frame against the one before, in pixels of a picture `WIDTH` wide.

    Attributes:
        magnitude: float64 [frames]; the first is the second's, and at shot cuts it runs straight across.
        is_cut: bool [frames], where a new shot begins.
        frame_rate: frames a second.
    """

    magnitude: NDArray[np.float64]
    is_cut: NDArray[np.bool_]
    frame_rate: float


def film_motion(film: Film) -> FilmMotion:
    """Of every frame of a film at its own rate; remembered with the film.

    Raises:
        MediaError: the picture cannot be decoded.
    """
    return film.once("motion", lambda: _film_motion(film))


def _film_motion(film: Film) -> FilmMotion:
    height = min(max(2 * round(WIDTH * film.height / film.width / 2), 24), 2 * WIDTH)
    num_frames = max(2, math.ceil(film.duration_s * film.frame_rate))
    times_s = np.arange(num_frames) / float(film.frame_rate)
    picture = Picture(str(film.path.absolute()), [Span(rational(film.duration_s), (0, 1))])
    [frames] = sample_picture(picture, [FrameRequest(times_s, WIDTH, height, "gray8")])
    return motion_of(frames, float(film.frame_rate))


def motion_of(frames: NDArray[np.uint8], frame_rate: float) -> FilmMotion:
    """Of grey frames [T, H, W]."""
    is_cut = frame_facts(torch.from_numpy(frames)[None]).is_cut[0].bool().numpy()
    magnitude = np.zeros(len(frames))
    for first in range(1, len(frames), NUM_PAIRS_AT_ONCE):
        end = min(first + NUM_PAIRS_AT_ONCE, len(frames))
        light = torch.from_numpy(frames[first - 1 : end]).float() / 255
        magnitude[first:end] = optical_flow(light[:-1], light[1:]).norm(dim=1).mean((1, 2)).numpy()
    magnitude[:1] = magnitude[1:2]
    return FilmMotion(_across(magnitude, is_cut), is_cut, frame_rate)


def _across(magnitude: NDArray[np.float64], is_cut: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Values at cuts replaced by a straight line between their neighbours: a line makes no local maximum."""
    frames = np.arange(len(magnitude))
    if is_cut.all():
        return np.zeros_like(magnitude)
    return np.asarray(np.interp(frames, frames[~is_cut], magnitude[~is_cut]), np.float64)


@torch.inference_mode()
def optical_flow(before: Tensor, after: Tensor) -> Tensor:
    """Float frames 0 to 1 [B, H, W] twice -> flow [B, 2, H, W] in pixels (x, then y).

    A thing at (x, y) in `before` is at (x + flow_x, y + flow_y) in `after`.
    """
    pyramid = [(before[:, None], after[:, None])]
    for _ in range(LEVELS - 1):
        pyramid.append((functional.avg_pool2d(pyramid[-1][0], 2), functional.avg_pool2d(pyramid[-1][1], 2)))
    flow = torch.zeros(before.shape[0], 2, *pyramid[-1][0].shape[-2:])
    for first, second in reversed(pyramid):
        size = first.shape[-2:]
        if flow.shape[-2:] != size:
            flow = 2 * functional.interpolate(flow, size=size, mode="bilinear", align_corners=False)
        flow = _refined(first, second, flow)
    return flow


def _refined(first: Tensor, second: Tensor, flow: Tensor) -> Tensor:
    """A few Gauss-Newton steps of each pixel's window."""
    gradient_x, gradient_y = _gradients(first)
    xx = _over_window(gradient_x * gradient_x) + REGULARISER
    yy = _over_window(gradient_y * gradient_y) + REGULARISER
    xy = _over_window(gradient_x * gradient_y)
    determinant = xx * yy - xy * xy
    for _ in range(STEPS):
        difference = _warped(second, flow) - first
        x, y = _over_window(gradient_x * difference), _over_window(gradient_y * difference)
        step = torch.cat([xy * y - yy * x, xy * x - xx * y], dim=1) / determinant
        flow = _over_window(flow + step.clamp(-MAX_STEP_PIXELS, MAX_STEP_PIXELS), 3)
    return flow


def _gradients(frames: Tensor) -> tuple[Tensor, Tensor]:
    """Central differences along x and y of [B, 1, H, W]."""
    padded = functional.pad(frames, (1, 1, 1, 1), mode="replicate")
    return (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2, (
        padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
    ) / 2


def _over_window(values: Tensor, size: int = WINDOW) -> Tensor:
    return functional.avg_pool2d(values, size, 1, size // 2, count_include_pad=False)


def _warped(frames: Tensor, flow: Tensor) -> Tensor:
    """`frames` [B, 1, H, W] as seen along the flow, edges held."""
    height, width = frames.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    at_x = 2 * (x + flow[:, 0]) / max(width - 1, 1) - 1
    at_y = 2 * (y + flow[:, 1]) / max(height - 1, 1) - 1
    grid = torch.stack([at_x, at_y], dim=-1)
    return functional.grid_sample(frames, grid, mode="bilinear", padding_mode="border", align_corners=True)
