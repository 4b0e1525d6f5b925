"""What the places of a device hold between two steps, and what a step is to them."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from engine.config import LMConfig
from engine.lm.model import LanguageModel, sinusoid
from engine.lm.windows import ROWS_PER_UNIT
from engine.protocol import Sampling


class Places:
    """P places of 2 rows, K codebooks, V codes, S steps of the longest window, C = N + S positions, D width.

    A place whose step is its end is idle: its window is over, or it never had one.
    """

    def __init__(
        self, lm: LanguageModel, *, places: int, num_features: int, num_steps: int, top_k: int
    ) -> None:
        """
        Args:
            lm: on the device, in the type that its blocks compute in.
            num_features, num_steps: of the longest window.
            top_k: the greatest that any window asks for.
        """
        config: LMConfig = lm.config
        device, self.dtype = lm.norm.weight.device, lm.norm.weight.dtype
        self.rows, self.capacity, self.num_steps = places * ROWS_PER_UNIT, num_features + num_steps, num_steps
        self.most = min(top_k, config.codebook_size)
        shape = (self.rows, config.num_heads, self.capacity, config.dim // config.num_heads)
        books = config.num_codebooks

        def zeros(*size: int, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.zeros(*size, dtype=dtype, device=device)

        self.cache = zeros(config.num_layers, 2, *shape, dtype=self.dtype)
        self.sinusoids = sinusoid(0, self.capacity, config.dim).to(device, torch.float32)
        self.biases = zeros(self.rows, num_steps, config.dim)
        # One step of room behind the last: where a place stands that is idle.
        self.delayed = zeros(places, books, num_steps + 1, dtype=torch.long)
        self.free = zeros(places, books, num_steps + 1, dtype=torch.bool)
        self.uniforms = zeros(places, num_steps + 1, books)
        self.step = zeros(places, dtype=torch.long)
        self.end = zeros(places, dtype=torch.long)
        self.features = zeros(places, dtype=torch.long)
        self.scale, self.temperature = zeros(places, 1, 1), torch.ones(places, 1, 1, device=device)
        self.top_k = torch.ones(places, 1, 1, dtype=torch.long, device=device)
        self.logits = zeros(self.rows, books, config.codebook_size)

    def rows_of(self, place: int) -> slice:
        return slice(place * ROWS_PER_UNIT, (place + 1) * ROWS_PER_UNIT)

    def sample_as(self, place: int, sampling: Sampling) -> None:
        self.scale[place], self.temperature[place] = sampling.cfg_scale, max(sampling.temperature, 1e-5)
        self.top_k[place] = min(sampling.top_k, self.most)

    def leave(self, place: int | None = None) -> None:
        """Idle from now on: one place, or all of them."""
        chosen = slice(None) if place is None else slice(place, place + 1)
        self.step[chosen] = self.end[chosen]


class Step(Protocol):
    """One step of all places: draw each one's codes from its logits, and compute the logits of its next step."""

    def __call__(self) -> None: ...

    def admit(self, place: int, mask: Tensor, num_features: int) -> None:
        """A window of so many features has been put into a place; mask [N + s, N + s] is who sees whom in it."""
