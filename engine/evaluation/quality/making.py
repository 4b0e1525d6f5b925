"""Takes for measuring: a label, hits and a curve go in, and no picture, unless features are given."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from msgspec import Struct
from numpy.typing import NDArray
from torch import Tensor

from engine.lm.generate import TakeUnit
from engine.media.audio import resample
from engine.opening import MAX_SIDE_BY_SIDE
from engine.pipeline import Pipeline
from engine.protocol import Cast, Generate, Hit, Original, Picture
from engine.visual.sight import Sight

Wav = NDArray[np.float32]


class Ask(Struct, frozen=True):
    """All that one take follows. `curve` holds intensities at 50 Hz from the take's start; None leaves it unknown."""

    label: str
    duration_s: float
    hits: tuple[Hit, ...] = ()
    curve: tuple[float, ...] | None = None
    seed: int = 0
    cast: Cast | None = None
    original: Original | None = None
    """Its WAV is at the codec's rate."""


@dataclass(frozen=True, eq=False)
class Take:
    """What was made: codes [K, T], and wav [N] at the codec's rate as the editor gets it, peak at most -1 dBFS."""

    ask: Ask
    codes: Tensor
    wav: Wav
    sample_rate: int

    def at_rate(self, sample_rate: int) -> Wav:
        return resample(self.wav, self.sample_rate, sample_rate)


Make = Callable[[Sequence[Ask]], list[Take]]


def make_takes(
    pipeline: Pipeline,
    asks: Sequence[Ask],
    *,
    features: Sequence[Tensor | None] | None = None,
    side_by_side: int = MAX_SIDE_BY_SIDE["cpu"],
) -> list[Take]:
    """One take an ask, in their order, by the program's own path.

    Args:
        features: what was seen, [seconds, width] an ask; None, all or one, for no picture.
    """
    seen = [None] * len(asks) if features is None else list(features)
    requests = [_request(pipeline, ask) for ask in asks]
    units = [
        _unit(pipeline, ask, request, each) for ask, request, each in zip(asks, requests, seen, strict=True)
    ]
    codes: dict[int, Tensor] = {}
    pipeline.draw(
        units, side_by_side=side_by_side, on_step=lambda number, share: None, on_unit=codes.__setitem__
    )
    rate = pipeline.model.config.codec.sample_rate
    return [
        Take(ask, unit.settled(codes[number]), _wav(pipeline, request, unit, codes[number]), rate)
        for number, (ask, request, unit) in enumerate(zip(asks, requests, units, strict=True))
    ]


def _wav(pipeline: Pipeline, request: Generate, unit: TakeUnit, codes: Tensor) -> Wav:
    if unit.original is None:
        return pipeline.waveform(codes, request.num_samples, request.sample_rate)
    with pipeline.sound(request, unit, codes, Path(tempfile.gettempdir())) as sound:
        return np.concatenate(list(sound.blocks()))


def samples_of(ask: Ask, sample_rate: int) -> int:
    return round(ask.duration_s * sample_rate)


def _request(pipeline: Pipeline, ask: Ask) -> Generate:
    rate = pipeline.model.config.codec.sample_rate
    return Generate(
        id=0,
        picture=Picture("", []),
        wav_paths=[],
        num_samples=samples_of(ask, rate),
        sample_rate=rate,
        label=ask.label,
        curve=None if ask.curve is None else list(ask.curve),
        cast=ask.cast,
        original=ask.original,
    )


def _unit(pipeline: Pipeline, ask: Ask, request: Generate, features: Tensor | None) -> TakeUnit:
    shown = torch.zeros(1, pipeline.model.config.lm.visual_dim) if features is None else features
    sight = Sight(list(ask.hits), np.zeros(0, np.float32), shown, [])
    unit = pipeline.unit(request, sight, list(ask.hits), ask.label, ask.seed)
    if features is None:
        # The model learned what it is to see nothing; a grey picture would be something else.
        unit = replace(unit, conditions=replace(unit.conditions, visual=None))
    return unit
