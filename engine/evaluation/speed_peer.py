"""The peer: Hugging Face transformers' MusicgenMelody decoder of the same shape, random weights, its own `generate`.

It is FoleyGen's language model in structure: a decoder without cross-attention, conditions prepended, codebooks in
MusicGen's delay pattern.
"""

from __future__ import annotations

import time
import warnings
from functools import cache
from itertools import pairwise
from statistics import median
from typing import Any

import torch
from msgspec import Struct

from engine.config import LMConfig
from engine.errors import FoleyError
from engine.protocol import AS_PUBLISHED

PLACES = (50, 150, 250, 350, 450)
"""The middles of equal parts of a window of 10 s, so that their mean is the window's where a step costs ever more."""
STEPS_EACH = 10
FEATURES = 10


class PeerTimes(Struct, frozen=True):
    """A window of 10 s: drawn whole, or the mean of a few steps at each of some places times its steps."""

    dtype: str
    window_s: float
    is_whole: bool
    positions: list[int]
    step_ms: list[float]
    """The median step at each of `positions`."""
    timed_steps: int
    """That all of this stands on."""


def peer_times(config: LMConfig, dtype: str, *, full: bool, steps: int, device: str = "cpu") -> PeerTimes:
    """
    Raises:
        FoleyError: transformers is not installed.
    """
    model = _peer(config, dtype, device)
    if full:
        times = _step_times_s(model, config, 1, steps)
        at = [1000 * median(times[place - 5 : place + 5]) for place in PLACES]
        return PeerTimes(dtype, sum(times), True, list(PLACES), at, len(times))
    # The first step reads what is known in.
    runs = [_step_times_s(model, config, place, STEPS_EACH + 1)[1:] for place in PLACES]
    at = [1000 * median(run) for run in runs]
    timed_steps = sum(len(run) for run in runs)
    return PeerTimes(dtype, steps * sum(at) / len(at) / 1000, False, list(PLACES), at, timed_steps)


def _step_times_s(model: Any, config: LMConfig, known: int, steps: int) -> list[float]:
    """Seconds of each of some steps after `known` known ones, guidance and sampling included."""
    from transformers import LogitsProcessorList

    sampling = AS_PUBLISHED
    width = torch.randint(0, config.codebook_size, (config.num_codebooks, known), device=model.device)
    told: list[float] = [time.perf_counter()]

    def note(ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if scores.is_cuda:
            torch.cuda.synchronize()
        told.append(time.perf_counter())
        return scores

    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.generate(
            input_ids=width,
            attention_mask=torch.ones(1, known, device=model.device),
            encoder_hidden_states=torch.randn(1, FEATURES, config.dim).to(model.device, model.dtype),
            guidance_scale=sampling.cfg_scale,
            top_k=min(sampling.top_k, config.codebook_size),
            do_sample=True,
            num_return_sequences=1,
            max_new_tokens=steps,
            logits_processor=LogitsProcessorList([note]),
            use_cache=True,
        )
    return [after - before for before, after in pairwise(told)]


@cache
def _peer(config: LMConfig, dtype: str, device: str) -> Any:
    try:
        from transformers import MusicgenMelodyDecoderConfig, MusicgenMelodyForCausalLM
    except ImportError as error:
        raise FoleyError(
            "The peer is not installed: install it by `pip install 'foley[peer]'`, or measure without it by --no-peer."
        ) from error
    shape = MusicgenMelodyDecoderConfig(
        vocab_size=config.codebook_size,
        num_hidden_layers=config.num_layers,
        ffn_dim=config.ffn_mult * config.dim,
        num_attention_heads=config.num_heads,
        hidden_size=config.dim,
        num_codebooks=config.num_codebooks,
        activation_function="gelu",
        dropout=0.0,
        audio_channels=1,
        pad_token_id=config.pad_id,
        bos_token_id=config.pad_id,
        eos_token_id=None,
    )
    model: Any = MusicgenMelodyForCausalLM(shape)
    model.generation_config.decoder_start_token_id = config.pad_id
    return model.eval().to(device, getattr(torch, dtype))
