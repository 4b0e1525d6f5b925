"""The motion network: what moves and stops in small grey frames, to hits and an intensity curve.

Each frame is looked at together with the two before it: the difference to the last frame, scaled by the
scene's own deviation of differences; the difference before that one (something that turned back); how much
the absolute difference has changed (something that moved and stopped, or the other way round); and the
frame itself. A few convolutions over space; convolutions over time at each place, for what lands beside something
that moves on; mean and maximum over space; then dilated convolutions over time.

Cuts are found beforehand and made to look like frames in which nothing moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.config import MotionConfig, SpotterConfig

DIFFERENCE_FLOOR = 0.004
"""Deviations of differences below this (of white) are noise and are not blown up."""
DEVIATION_RADIUS_FRAMES = 30
MAX_DEVIATIONS = 6.0
MAX_REPEATS = 2
"""Footage of 10 frames a second shows each frame three times at 30: repeats keep its motion."""

CUT_DIFFERENCE = 0.03
CUT_RATIO = 2.3
CUT_CORRELATION = 0.7
CUT_REACH = 3

NUM_PICTURE_CHANNELS = 4
NUM_FRAME_FACTS = 5
KERNEL_FRAMES = 5
"""Of every convolution over time."""
FACTS_FRAMES = 64
"""Compared at a time: few enough for a processor's cache, and the whole picture in floats may not fit anywhere."""
CHUNK_FRAMES = 128
"""Looked at together, for the same reason: less memory than with many, and less time."""

CONTEXT_FRAMES = 2 * (MAX_REPEATS + 1)
"""How many frames before a frame its picture channels depend on."""


@dataclass(frozen=True)
class FrameFacts:
    """What must be known of the whole picture before any part of it can be looked at. Each is [B, T].

    `is_new` is 0 where a frame repeats the one before, `new_share` its local mean; `activity` is the mean
    absolute difference, 0 at cuts, and `deviation` its local scale.
    """

    is_new: Tensor
    new_share: Tensor
    is_cut: Tensor
    activity: Tensor
    deviation: Tensor

    def part(self, first: int, end: int) -> FrameFacts:
        parts = (each[:, first:end] for each in vars(self).values())
        return FrameFacts(*parts)


@dataclass(frozen=True)
class Motion:
    """What the network says of each frame, all [B, T].

    `hit_logit`: a hit lies in this frame. `offset_frames`: where the nearest hit lies, from the frame's
    middle. `strength` and `curve` 0 to 1.
    """

    hit_logit: Tensor
    offset_frames: Tensor
    strength: Tensor
    curve: Tensor


def frame_facts(frames: Tensor) -> FrameFacts:
    """Facts of frames uint8 [B, T, H, W]."""
    change = frames.new_zeros(frames.shape[:2], dtype=torch.float32)
    is_new = torch.ones_like(change)
    correlation = torch.ones_like(change)
    for first in range(1, frames.shape[1], FACTS_FRAMES):
        end = min(first + FACTS_FRAMES, frames.shape[1])
        light = frames[:, first - 1 : end].flatten(2).float() / 255
        difference = light[:, 1:] - light[:, :-1]
        change[:, first:end] = difference.abs().mean(2)
        is_new[:, first:end] = (difference != 0).any(2).float()
        correlation[:, first:end] = _correlations(light)
    is_cut = _cuts(change, correlation, is_new)
    activity = change * (1 - is_cut)
    span = 2 * DEVIATION_RADIUS_FRAMES + 1
    # Means over the frames there are, and of the activity over new frames only: repeats say nothing.
    sums = torch.stack([activity.square() * is_new, is_new, torch.ones_like(is_new)], dim=1)
    squares, new, count = functional.avg_pool1d(sums, span, 1, DEVIATION_RADIUS_FRAMES).unbind(1)
    deviation = (squares / new.clamp_min(1e-6)).sqrt() + DIFFERENCE_FLOOR
    return FrameFacts(is_new, new / count, is_cut, activity, deviation)


def _correlations(light: Tensor) -> Tensor:
    """Of each frame with the one before, frames [B, T, P] -> [B, T - 1]; 1 where either is flat."""
    light = light - light.mean(2, keepdim=True)
    power = light.square().sum(2)
    scale = power[:, :-1] * power[:, 1:]
    common = (light[:, :-1] * light[:, 1:]).sum(2)
    return torch.where(scale > 1e-6, common / scale.clamp_min(1e-6).sqrt(), torch.ones_like(scale))


def _cuts(change: Tensor, correlation: Tensor, is_new: Tensor) -> Tensor:
    """1 where a frame is unlike the one before and changes far more than the new frames around it."""
    is_cut = torch.zeros_like(change)
    for row, new in enumerate(is_new.bool()):
        steps, likeness = change[row, new], correlation[row, new]
        padded = functional.pad(steps[None], (CUT_REACH, CUT_REACH))[0].unfold(0, 2 * CUT_REACH + 1, 1)
        around = torch.cat([padded[:, :CUT_REACH], padded[:, CUT_REACH + 1 :]], dim=1)
        usual = around.topk(2, dim=1).values[:, 1]  # one neighbour may be a cut as well
        found = (steps > CUT_DIFFERENCE) & (steps > CUT_RATIO * usual) & (likeness < CUT_CORRELATION)
        is_cut[row, new] = found.float()
    return is_cut


class MotionNet(nn.Module):
    """Some hundred thousand parameters; see the module's text."""

    def __init__(self, config: MotionConfig | None = None) -> None:
        super().__init__()
        self.config = config or MotionConfig()
        width, look = self.config.channels, self.config.look_channels
        self.look = nn.Sequential()
        for before, after in pairwise((NUM_PICTURE_CHANNELS, *look)):
            self.look.extend([nn.Conv2d(before, after, 3, stride=2, padding=1), nn.SiLU()])
        self.at_places = nn.ModuleList(PlaceBlock(look[-1], each) for each in self.config.place_dilations)
        self.join = nn.Linear(2 * look[-1] + NUM_FRAME_FACTS, width)
        self.over_time = nn.ModuleList(TimeBlock(width, each) for each in self.config.dilations)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 4)
        nn.init.constant_(self.head.bias, 0.0)
        with torch.no_grad():
            self.head.bias[0] = -3.0  # hits are rare

    def forward(self, frames: Tensor) -> Motion:
        """Frames uint8 [B, T, H, W]."""
        facts = frame_facts(frames)
        return self.motion(self.seen(frames, facts))

    def seen(self, frames: Tensor, facts: FrameFacts) -> Tensor:
        """Features of each frame by itself and the frames around it that `reach_frames` tells, [B, T, C]."""
        batch, num_frames, height, width = frames.shape
        picture = picture_channels(frames, facts).reshape(
            batch * num_frames, NUM_PICTURE_CHANNELS, height, width
        )
        maps = self.look(picture).unflatten(0, (batch, num_frames))
        places = maps.flatten(3).transpose(1, 2)
        for block in self.at_places:
            places = block(places)
        pooled = torch.cat([places.mean(3), places.amax(3)], dim=1).transpose(1, 2)
        numbers = torch.stack(
            [
                facts.is_new,
                facts.new_share,
                facts.is_cut,
                (facts.deviation / DIFFERENCE_FLOOR).log(),
                facts.activity / facts.deviation,
            ],
            dim=-1,
        )
        joined: Tensor = self.join(torch.cat([pooled, numbers], dim=-1))
        return joined

    @property
    def reach_frames(self) -> int:
        """How many frames either way a frame's features depend on, beside those before it by which it is drawn."""
        return KERNEL_FRAMES // 2 * sum(self.config.place_dilations)

    def motion(self, seen: Tensor) -> Motion:
        """From features [B, T, C] of a whole picture."""
        for block in self.over_time:
            seen = block(seen)
        hit_logit, offset, strength, curve = self.head(self.norm(seen)).unbind(-1)
        return Motion(hit_logit, offset, strength.sigmoid(), curve.sigmoid())

    @torch.inference_mode()
    def motion_in_chunks(self, frames: Tensor, facts: FrameFacts, chunk_frames: int = CHUNK_FRAMES) -> Motion:
        """As `forward`, for pictures of any length: frames are looked at in chunks, each with those around it."""
        num_frames, reach = frames.shape[1], self.reach_frames
        # Made beforehand: what stays among what each chunk takes and frees would keep the heap from being used again.
        seen = torch.empty(frames.shape[0], num_frames, self.config.channels)
        for first in range(0, num_frames, chunk_frames):
            end = min(first + chunk_frames, num_frames)
            start, stop = max(0, first - reach - CONTEXT_FRAMES), min(end + reach, num_frames)
            part = self.seen(frames[:, start:stop], facts.part(start, stop))
            seen[:, first:end] = part[:, first - start : end - start]
        return self._motion_of_parts(seen, chunk_frames)

    def _motion_of_parts(self, seen: Tensor, chunk_frames: int) -> Motion:
        """As `motion`: in parts, each with the features that it depends on, for the blocks take many times as much."""
        num_frames, reach = seen.shape[1], KERNEL_FRAMES // 2 * sum(self.config.dilations)
        whole = torch.empty(len(fields(Motion)), *seen.shape[:2])
        for first in range(0, num_frames, chunk_frames):
            end = min(first + chunk_frames, num_frames)
            start = max(0, first - reach)
            part = self.motion(seen[:, start : end + reach])
            for target, each in zip(whole, vars(part).values(), strict=True):
                target[:, first:end] = each[:, first - start : end - start]
        return Motion(*whole)


class MotionNets(nn.Module):
    """Networks that were trained apart, which look at the same frames and say the mean of what each would.

    What one alone takes for a hit is seldom one (bagging, Breiman 1996).
    """

    def __init__(self, config: SpotterConfig, nets: Sequence[MotionNet] | None = None) -> None:
        """
        Args:
            nets: of the config's shapes; fresh ones where it is None.
        """
        super().__init__()
        self.config = config
        self.nets = nn.ModuleList(nets or [MotionNet(each) for each in config.nets])

    @classmethod
    def of(cls, nets: Sequence[MotionNet]) -> MotionNets:
        """These themselves, no copies."""
        return cls(SpotterConfig(nets=tuple(net.config for net in nets)), nets)

    def motion_in_chunks(self, frames: Tensor, facts: FrameFacts) -> Motion:
        """Of frames uint8 [B, T, H, W] of any length."""
        said = [net.motion_in_chunks(frames, facts) for net in self.members()]
        sure = torch.stack([each.hit_logit.sigmoid() for each in said]).mean(dim=0)
        offset, strength, curve = (
            torch.stack([getattr(each, name) for each in said]).mean(dim=0)
            for name in ("offset_frames", "strength", "curve")
        )
        return Motion(sure.logit(eps=1e-6), offset, strength, curve)

    def members(self) -> list[MotionNet]:
        return [net for net in self.nets if isinstance(net, MotionNet)]


class PlaceBlock(nn.Module):
    """A residual dilated convolution over time of every channel at every place; at first it changes nothing."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        reach = KERNEL_FRAMES // 2 * dilation
        self.conv = nn.Conv2d(
            width, width, (KERNEL_FRAMES, 1), padding=(reach, 0), dilation=(dilation, 1), groups=width
        )
        self.mix = nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.mix.weight)
        nn.init.zeros_(self.mix.bias)  # type: ignore[arg-type]

    def forward(self, places: Tensor) -> Tensor:
        """[B, C, T, P] to the same."""
        mixed: Tensor = places + self.mix(functional.silu(self.conv(places)))
        return mixed


class TimeBlock(nn.Module):
    """A residual dilated convolution over time, normalised frame by frame so that parts equal the whole."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        reach = KERNEL_FRAMES // 2 * dilation
        self.conv = nn.Conv1d(width, width, KERNEL_FRAMES, padding=reach, dilation=dilation)
        self.mix = nn.Linear(width, width)

    def forward(self, seen: Tensor) -> Tensor:
        """[B, T, C] to the same."""
        over_time = self.conv(self.norm(seen).transpose(1, 2)).transpose(1, 2)
        mixed: Tensor = seen + self.mix(functional.silu(over_time))
        return mixed


def picture_channels(frames: Tensor, facts: FrameFacts) -> Tensor:
    """Float [B, T, 4, H, W] of frames uint8 [B, T, H, W]: difference, the one before, change, the frame."""
    light = frames.float() / 255
    difference = torch.zeros_like(light)
    difference[:, 1:] = light[:, 1:] - light[:, :-1]
    difference = difference * (1 - facts.is_cut)[:, :, None, None]
    scale = facts.deviation[:, :, None, None]
    now, before = (each / scale for each in _carried_over_repeats(difference, facts.is_new))
    mean = light.mean((2, 3), keepdim=True)
    spread = light.std((2, 3), keepdim=True) + 0.05
    return torch.stack(
        [
            _limited(now),
            _limited(before),
            _limited(now.abs() - before.abs()),
            (light - mean) / spread,
        ],
        dim=2,
    )


def _limited(deviations: Tensor) -> Tensor:
    return deviations.clamp(-MAX_DEVIATIONS, MAX_DEVIATIONS) / 2


def _carried_over_repeats(difference: Tensor, is_new: Tensor) -> tuple[Tensor, Tensor]:
    """Differences with those of repeats replaced, and the differences of the new frame before each.

    Both [B, T, H, W]. A frame held for longer than footage would be is still.
    """
    num_frames = difference.shape[1]
    source = (
        torch.arange(num_frames, device=is_new.device).expand_as(is_new).clone()
    )  # which frame's difference a frame shows
    for _ in range(MAX_REPEATS):
        held = torch.cat([source[:, :1], source[:, :-1]], dim=1)
        source = torch.where(is_new.bool(), source, held)
    before = (source - 1).clamp_min(0)  # the new frame before that one
    before = source.gather(1, before)
    rows = torch.arange(difference.shape[0], device=is_new.device)[:, None]
    return difference[rows, source], difference[rows, before]
