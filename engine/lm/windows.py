"""How a long take is cut into windows, and what each window's two rows should follow."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.config import WindowConfig
from engine.lm.model import Conditions, LanguageModel
from engine.lm.sync import still_track
from engine.protocol import Sampling

ROWS_PER_UNIT = 2
"""With the conditions, and what guidance leads away from."""

SEED_STEP = 0x5851F42D4C957F2D
"""From draft to draft: far from the seeds of a request's further takes, which are neighbours."""


@dataclass(frozen=True)
class Window:
    """Frames `start .. start + length` of the take, of which the first `prime` are already known."""

    start: int
    length: int
    prime: int


@dataclass(frozen=True)
class TakeConditions:
    """What one whole take should follow, at one row.

    visual [N, visual_dim], one a second from the take's start, or None; label and negative_label are indices;
    sync [C, T + 2 * radius], or None; prompt and negative_prompt [prompt_dim], or None.
    """

    visual: Tensor | None
    label: int | None
    negative_label: int | None
    sync: Tensor | None
    prompt: Tensor | None = None
    negative_prompt: Tensor | None = None


def plan_windows(num_frames: int, config: WindowConfig, opening_frames: int = 0) -> list[Window]:
    """Cover a take of `num_frames` codec frames, of which so many at its start are known beforehand."""
    windows = [Window(0, min(num_frames, config.window_frames), opening_frames)]
    while windows[-1].start + windows[-1].length < num_frames:
        start = windows[-1].start + config.stride_frames
        length = min(config.window_frames, num_frames - start)
        windows.append(Window(start, length, min(config.prime_frames, length)))
    return windows


def window_rows(lm: LanguageModel, take: TakeConditions, window: Window, sampling: Sampling) -> Conditions:
    """Two rows: all conditions, and what guidance leads away from.

    That is no condition at all but the negative label or prompt, if any; or, against "held", the picture with
    its first frame held, in which nothing moves.
    """
    config = lm.config
    dtype = lm.visual.weight.dtype
    visual = _seen(lm, take, window)
    is_held = sampling.guide_against == "held" and take.visual is not None
    if is_held and take.visual is not None:
        visual[1] = take.visual[0]
    sync = None
    if config.sync is not None:
        sync = torch.zeros(2, config.sync.num_channels, window.length + 2 * lm.sync_radius, dtype=dtype)
        if take.sync is not None:
            sync[0] = take.sync[:, window.start : window.start + sync.shape[-1]]
        if is_held:
            sync[1] = torch.from_numpy(still_track(sync.shape[-1], config.sync))
    label, negative = (
        lm.null_label if index is None else index for index in (take.label, take.negative_label)
    )
    prompts = None
    if config.prompt_dim is not None:
        prompts = torch.zeros(2, config.prompt_dim, dtype=dtype)
        for row, prompt in enumerate((take.prompt, take.negative_prompt)):
            if prompt is not None:
                prompts[row] = prompt
    return Conditions(
        visual=visual,
        visual_known=torch.tensor([take.visual is not None, is_held]),
        labels=torch.tensor([label, negative]),
        sync=sync,
        sync_known=torch.tensor([take.sync is not None, is_held]),
        prompts=prompts,
        prompts_known=torch.tensor([take.prompt is not None, take.negative_prompt is not None]),
    )


def _seen(lm: LanguageModel, take: TakeConditions, window: Window) -> Tensor:
    """Visual features [2, N, visual_dim] of the window's seconds, the second row zero."""
    features = -(-window.length // lm.frame_rate)
    first = window.start // lm.frame_rate
    visual = torch.zeros(2, features, lm.config.visual_dim, dtype=lm.visual.weight.dtype)
    if take.visual is not None:
        seen = take.visual[first : first + features]
        visual[0, : len(seen)] = seen
        # The last picture holds where the take outlasts it by the codec's few extra frames.
        visual[0, len(seen) :] = seen[-1]
    return visual


def window_seed(seed: int, window: int) -> int:
    """Spread take and window over the generator's 64 bits (splitmix64's increment)."""
    return (seed * 0x9E3779B97F4A7C15 + window * 0xD1B54A32D192ED03 + 1) % (1 << 63)


def draft_seed(seed: int, draft: int) -> int:
    """What a take's draft draws with in the seed's place; the first one with the seed itself."""
    return (seed + draft * SEED_STEP) % (1 << 63) if draft else seed
