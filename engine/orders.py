"""A request for takes on its way: its units (cue x take), how far each is, and the record of each finished take."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.evaluation.heard import Sync, heard_onsets_s, reference_f1, sync_of
from engine.lm.generate import TakeUnit
from engine.media.wav_stream import HeldSound
from engine.pipeline import Model, shifted
from engine.protocol import Generate, Hit, Progress, Ready, Take, fraction, pack_tokens, rational
from engine.visual.sight import Sight

LOOK_SHARES = {"decode": (0.0, 0.15), "spot": (0.15, 0.18), "look": (0.18, 0.2)}
"""Where each stage of a look lies in the progress of a request; the takes are the rest."""

DRAWN_SHARE = 0.97
"""Of a take, when its tokens are there and its sound is not."""


@dataclass(eq=False)
class Order:
    """A `Generate` on its way."""

    request: Generate
    sight: Sight
    hits: list[Hit]
    """Counted from the picture's start."""
    label: str
    started_s: float
    shares: list[float] = field(init=False)
    """How much of each take is done."""
    told_at_s: float = 0.0
    is_over: bool = False

    def __post_init__(self) -> None:
        self.shares = [0.0] * len(self.request.wav_paths)

    @property
    def id(self) -> int:
        return self.request.id

    def progress(self, take: int) -> Progress:
        looked = LOOK_SHARES["look"][1]
        done = looked + (1 - looked) * sum(self.shares) / len(self.shares)
        return Progress(self.id, "generate", done, take)


@dataclass(frozen=True, eq=False)
class Unit:
    """One take of one order: what is batched and what is distributed."""

    order: Order
    take: int
    drawing: TakeUnit

    @property
    def wav_path(self) -> str:
        return self.order.request.wav_paths[self.take]


def take_of(
    unit: Unit, codes: Tensor, sound: HeldSound, *, wall_s: float, model: Model, ready: Ready
) -> Take:
    """The record of a take, whose sound is at the request's rate and has no file yet: `sha256` is empty."""
    order, request = unit.order, unit.order.request
    hits = shifted(order.hits, -float(fraction(request.head)))
    goes_on = order.label in model.config.continuous_labels  # it has no onsets to speak of
    is_measured = not goes_on or request.reference_hits is not None
    heard_s = heard_onsets_s(request, sound, model.config.codec.sample_rate) if is_measured else []
    sync = Sync() if goes_on else sync_of(request, heard_s, hits)
    return Take(
        id=request.id,
        take=unit.take,
        wav=unit.wav_path,
        label=order.label,
        seed=unit.drawing.seed,
        hits=hits,
        wall_s=wall_s,
        peak_dbfs=float(20 * np.log10(max(sound.peak, 1e-9))),
        sha256="",
        recipe=recipe_of(unit, model, ready),
        onset_f1_100ms=reference_f1(request, heard_s),
        tokens=pack_tokens(codes.tolist(), model.config.codec.frame_rate, model.codec_sha256),
        pan=rounded(order.sight.pan),
        sync_f1_100ms=sync.f1_100ms,
        sync_offset_ms=sync.offset_ms,
    )


def rounded(pan: NDArray[np.float32]) -> list[float]:
    """Places to a hundredth: nobody hears less, and a line stays short."""
    return [round(float(place), 2) for place in pan]


def recipe_of(unit: Unit, model: Model, ready: Ready) -> dict[str, object]:
    """All that shapes the bytes. `hits` count from the picture's start."""
    request = unit.order.request
    said = msgspec.to_builtins(request)
    eyes = model.encoder.describe()
    kept = ("picture", "head", "num_samples", "sample_rate", "curve", "cast")
    words = ("negative_label", "prompt", "negative_prompt")
    laid = unit.drawing.original
    said_start = (0, 1) if laid is None else rational(laid.origin)
    return {
        **{name: said[name] for name in (*kept, *words)},
        "sampling": msgspec.to_builtins(model.sampling(request.sampling)),
        "label": unit.order.label,
        "original": _original_of(request),
        "tokens_start": said_start,
        "seed": unit.drawing.seed,
        "hits": msgspec.to_builtins(unit.order.hits),
        "hits_given": request.hits is not None,
        "model": ready.model,
        "model_sha256": ready.model_sha256,
        "model_licence": model.record.licence,
        "encoder": eyes.name,
        "encoder_sha256": eyes.weights_sha256,
        "encoder_dtype": eyes.precision,
        "codec_dtype": model.codec.decoding_dtype,
        "engine_version": ready.engine_version,
        "torch_version": str(torch.__version__),
        "device": ready.device,
        "dtype": ready.dtype,
        "backend": ready.backend,
        "num_threads": ready.num_threads,
    }


def _original_of(request: Generate) -> dict[str, object] | None:
    """The take that this one is made from, by what it holds: its file may lie elsewhere another day."""
    original = request.original
    if original is None:
        return None
    with open(original.wav, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    said = msgspec.to_builtins(original)
    return {
        "sha256": sha256,
        "tokens_sha256": hashlib.sha256(original.tokens.data).hexdigest(),
        **{name: said[name] for name in ("start", "redo", "kept_codebooks", "tokens_start")},
    }
