"""What generation needs of a language model that decodes step by step, and the plain one in PyTorch.

A decoder works on places. A place holds one take's window: two rows, one with all conditions, one with what
guidance leads away from. Whatever is computed for a place must not depend on the other places by a single bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from engine.lm.model import KVCache, LanguageModel
from engine.lm.sampling import guide, sample_top_k
from engine.lm.windows import ROWS_PER_UNIT
from engine.protocol import Sampling


class Decoder(Protocol):
    """P places of 2 rows, D width, K codebooks, V codes."""

    @property
    def dtype(self) -> str:
        """What the weights are: "float32", "bfloat16" or "int8"."""

    @property
    def backend(self) -> str:
        """What computes; dtype and backend together decide the bytes of a take."""

    @property
    def conditions(self) -> LanguageModel:
        """The model's embeddings and condition encoders; its blocks may hold no weights."""

    @property
    def bytes_per_value(self) -> float:
        """Of a cached key or value, what is kept beside them included."""

    @property
    def held_bytes(self) -> int:
        """Of the cache that is there now; the next `open` uses it or gives it back."""

    def open(self, places: int, capacity: int) -> None:
        """Have a cache for so many places of at most `capacity` positions (features and steps)."""

    def release(self) -> None:
        """Give the cache back; there must be another `open` before the next window."""

    def prefill(self, place: int, x: Tensor, num_features: int, num_steps: int) -> Tensor:
        """Start a window in a place: x [2, N + n, D], N features and the first n of its steps.

        Returns:
            The logits [2, K, V] of the last of them.
        """

    def decode_step(self, places: Sequence[int], x: Tensor) -> Tensor:
        """One more step in each of these places: x [P, 2, D] -> logits [P, 2, K, V]."""

    def draw(self, logits: Tensor, sampling: Sampling, uniforms: Tensor) -> Tensor:
        """Guide and sample: logits [P, 2, K, V], in float32, and numbers [P, K] in [0, 1) -> codes [P, K]."""


class TorchDecoder:
    """The reference: PyTorch's own operators, a place at a time, so that no place feels another."""

    backend = "torch"

    def __init__(
        self, lm: LanguageModel, *, conditions: LanguageModel | None = None, dtype: str | None = None
    ) -> None:
        """
        Args:
            lm: whose blocks compute.
            conditions: whose embeddings and condition encoders are used, where it is another.
            dtype: what the blocks' weights are, where it is not what they compute in.
        """
        self._lm, self._conditions = lm, conditions or lm
        self._compute = lm.norm.weight.dtype
        self.dtype = dtype or str(self._compute).removeprefix("torch.")
        self._caches: list[KVCache] = []
        self._masks: list[Tensor] = []

    @property
    def conditions(self) -> LanguageModel:
        return self._conditions

    @property
    def bytes_per_value(self) -> float:
        return self._compute.itemsize

    @property
    def held_bytes(self) -> int:
        return sum(cache.store.nbytes for cache in self._caches)

    def open(self, places: int, capacity: int) -> None:
        config = self._lm.config
        self.release()  # first: there may not be room for the old ones and the new
        self._caches = [KVCache(config, ROWS_PER_UNIT, capacity, self._compute) for _ in range(places)]
        self._masks = [torch.empty(0)] * places

    def release(self) -> None:
        self._caches = []

    def prefill(self, place: int, x: Tensor, num_features: int, num_steps: int) -> Tensor:
        cache = self._caches[place]
        cache.length = 0
        mask = self._lm.mask(num_features, num_steps)
        self._masks[place] = mask
        length = x.shape[1]
        out = self._lm.transform(x.to(self._compute), 0, mask[:length, :length], cache)
        return self._logits(out[:, -1:])

    def decode_step(self, places: Sequence[int], x: Tensor) -> Tensor:
        return torch.stack([self._step(place, row) for place, row in zip(places, x, strict=True)])

    def draw(self, logits: Tensor, sampling: Sampling, uniforms: Tensor) -> Tensor:
        return sample_top_k(guide(logits[:, 0], logits[:, 1], sampling.cfg_scale), sampling, uniforms)

    def _step(self, place: int, x: Tensor) -> Tensor:
        cache = self._caches[place]
        at = cache.length
        row = self._masks[place][at : at + 1, : at + 1]
        out = self._lm.transform(x[:, None].to(self._compute), at, None if row.all() else row, cache)
        return self._logits(out)

    def _logits(self, out: Tensor) -> Tensor:
        return self._lm.logits(out)[:, :, 0].to(self._conditions.visual.weight.dtype)
