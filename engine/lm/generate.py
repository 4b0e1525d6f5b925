"""Long takes as one token stream: windows of 10 s that advance by 8 s, each primed with the last 100 frames.

A cell of frame f - window start < 100 is forced, the rest is sampled; so a window continues mid-sound what
the one before began.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from engine.config import WindowConfig
from engine.lm.delay import delay, real_cells, undelay
from engine.lm.model import Conditions, KVCache, LanguageModel
from engine.lm.sampling import guide, sample_top_k
from engine.lm.sync import still_track
from engine.protocol import Sampling

OnStep = Callable[[float], None]
"""Called after each step with the share of the take that is done; may raise to stop."""


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


def plan_windows(num_frames: int, config: WindowConfig) -> list[Window]:
    """Cover a take of `num_frames` codec frames."""
    windows = [Window(0, min(num_frames, config.window_frames), 0)]
    while windows[-1].start + windows[-1].length < num_frames:
        start = windows[-1].start + config.stride_frames
        length = min(config.window_frames, num_frames - start)
        windows.append(Window(start, length, min(config.prime_frames, length)))
    return windows


@torch.inference_mode()
def generate_take(
    lm: LanguageModel,
    conditions: TakeConditions,
    num_frames: int,
    sampling: Sampling,
    *,
    seed: int,
    windows: WindowConfig,
    on_step: OnStep,
) -> Tensor:
    """Draw the codes [K, T] of one take. Each window has a generator of its own, seeded by take and window."""
    codes = torch.zeros(lm.config.num_codebooks, num_frames, dtype=torch.long)
    plan = plan_windows(num_frames, windows)
    fresh = sum(window.length - window.prime for window in plan)
    done = 0
    for number, window in enumerate(plan):
        generator = torch.Generator().manual_seed(_window_seed(seed, number))
        rows = _window_rows(lm, conditions, window, sampling)
        known = codes[:, window.start : window.start + window.prime]
        made = _generate_window(
            lm,
            rows,
            window,
            known,
            sampling,
            generator,
            partial(_tell, on_step, done, fresh),
        )
        codes[:, window.start : window.start + window.length] = made
        done += window.length - window.prime
    return codes


def _generate_window(
    lm: LanguageModel,
    rows: Conditions,
    window: Window,
    known: Tensor,
    sampling: Sampling,
    generator: torch.Generator,
    on_frame: Callable[[int], None],
) -> Tensor:
    books, pad_id = lm.config.num_codebooks, lm.config.pad_id
    steps = window.length + books - 1
    cells = real_cells(books, window.length)
    delayed = torch.full((books, steps), pad_id, dtype=torch.long)
    forced = torch.zeros_like(cells)
    if window.prime:
        forced[:, : window.prime + books - 1] = real_cells(books, window.prime)
        delayed[:, : window.prime + books - 1] = delay(known[None], pad_id)[0]
    free = cells & ~forced
    features = rows.visual.shape[1]
    num_rows = rows.visual.shape[0]
    prefix, biases = lm.encode_conditions(rows, steps)
    mask = lm.mask(features, steps)
    cache = KVCache(lm.config, num_rows, features + steps, prefix.dtype)
    history = torch.cat([torch.full((books, 1), pad_id), delayed[:, : window.prime]], dim=1)
    embedded = lm.embed_codes(history[None]).expand(num_rows, -1, -1) + biases[:, : window.prime + 1]
    x = torch.cat([prefix, embedded], dim=1)
    out = lm.transform(x, 0, mask[: x.shape[1], : x.shape[1]], cache)[:, -1:]
    for step in range(window.prime, steps):
        logits = lm.logits(out)[:, :, 0]
        guided = guide(logits[0], logits[1], sampling.cfg_scale) if num_rows == 2 else logits[0]
        drawn = sample_top_k(guided, sampling, generator)
        delayed[:, step] = torch.where(free[:, step], drawn, delayed[:, step])
        on_frame(step - window.prime)
        if step + 1 < steps:
            place = features + step + 1
            now = lm.embed_codes(delayed[None, :, step : step + 1]).expand(num_rows, -1, -1)
            row = mask[place : place + 1, : place + 1]
            x = now + biases[:, step + 1 : step + 2]
            out = lm.transform(x, place, None if row.all() else row, cache)
    return undelay(delayed[None])[0]


def _tell(on_step: OnStep, done: int, fresh: int, step: int) -> None:
    on_step(min(1.0, (done + step) / fresh))


def _window_rows(lm: LanguageModel, take: TakeConditions, window: Window, sampling: Sampling) -> Conditions:
    """Two rows: all conditions, and what guidance leads away from.

    That is no condition at all but the negative label or prompt, if any; or, against "held", the picture with
    its first frame held, in which nothing moves.
    """
    config = lm.config
    features = -(-window.length // lm.frame_rate)
    first = window.start // lm.frame_rate
    dtype = lm.visual.weight.dtype
    visual = torch.zeros(2, features, config.visual_dim, dtype=dtype)
    if take.visual is not None:
        seen = take.visual[first : first + features]
        visual[0, : len(seen)] = seen
        # The last picture holds where the take outlasts it by the codec's few extra frames.
        visual[0, len(seen) :] = seen[-1]
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


def _window_seed(seed: int, window: int) -> int:
    """Spread take and window over the generator's 64 bits (splitmix64's increment)."""
    return (seed * 0x9E3779B97F4A7C15 + window * 0xD1B54A32D192ED03 + 1) % (1 << 63)
