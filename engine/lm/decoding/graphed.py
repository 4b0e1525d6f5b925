"""The whole decoding step on a GPU as one CUDA graph: embedding, blocks, guidance, top-k, draw, and the next input.

Nothing returns to the host between the steps of a window. Every place draws with uniform numbers that its own CPU
generator made beforehand, so that the draw is the CPU's; places may be at different steps of different windows. All
shapes are static: the cache has room for a whole window, and what is not there yet is masked.

The same step runs eagerly on any device (`capture=False`), which is how it is tested where there is no GPU.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.lm.layout import WindowLayout, known_inputs
from engine.lm.model import Block, LanguageModel, sinusoid
from engine.lm.windows import ROWS_PER_UNIT
from engine.protocol import Sampling

WARM_UP_STEPS = 3
"""Before a capture, so that libraries have allocated what they need."""


class GraphedDecoder:
    """P places side by side on one device; `lm`'s blocks may be in another type than its conditions."""

    def __init__(
        self,
        lm: LanguageModel,
        conditions: LanguageModel,
        *,
        places: int,
        num_features: int,
        num_steps: int,
        top_k: int,
        capture: bool,
    ) -> None:
        """
        Args:
            lm: on the device, in the type that the blocks compute in.
            conditions: the same model on the CPU in float32, which encodes the conditions of each window.
            num_features, num_steps: of the longest window.
            top_k: the greatest that any window asks for.
            capture: replay the step as a CUDA graph.
        """
        config = lm.config
        self._lm, self._conditions, self._capture = lm, conditions, capture
        self._most = min(top_k, config.codebook_size)
        self._blocks = [block for block in lm.blocks if isinstance(block, Block)]
        device, self._dtype = lm.norm.weight.device, lm.norm.weight.dtype
        rows, capacity = places * ROWS_PER_UNIT, num_features + num_steps
        shape = (config.num_layers, 2, rows, config.num_heads, capacity, config.dim // config.num_heads)
        books = config.num_codebooks

        def zeros(*size: int, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.zeros(*size, dtype=dtype, device=device)

        self._cache = zeros(*shape, dtype=self._dtype)
        self._positions = sinusoid(0, capacity, config.dim).to(device, torch.float32)
        self._seen = zeros(rows, num_steps, capacity, dtype=torch.bool)
        self._biases = zeros(rows, num_steps, config.dim)
        # One step of room behind the last: the step that a finished place takes while it idles.
        self._delayed = zeros(places, books, num_steps + 1, dtype=torch.long)
        self._free = zeros(places, books, num_steps + 1, dtype=torch.bool)
        self._uniforms = zeros(places, num_steps + 1, books)
        self._step = zeros(places, dtype=torch.long)
        self._end = zeros(places, dtype=torch.long)
        self._features = zeros(places, dtype=torch.long)
        self._scale, self._temperature = zeros(places, 1, 1), torch.ones(places, 1, 1, device=device)
        self._top_k = torch.ones(places, 1, 1, dtype=torch.long, device=device)
        self._logits = zeros(rows, books, config.codebook_size)
        self._rows = torch.arange(rows, device=device)
        self._ranks = torch.arange(self._most, device=device)
        self._graph: torch.cuda.CUDAGraph | None = None

    @torch.inference_mode()
    def begin(self, place: int, layout: WindowLayout, sampling: Sampling, uniforms: Tensor) -> None:
        """Put a window into a place and read in what is known of it; uniforms [S - known, K] are its draws'."""
        lm = self._lm
        features, steps, known = layout.prefix.shape[1], layout.num_steps, layout.known
        rows = slice(place * ROWS_PER_UNIT, (place + 1) * ROWS_PER_UNIT)
        mask = lm.mask(features, steps).to(self._seen.device)
        self._seen[rows] = False
        self._seen[rows, :steps, : features + steps] = mask[features:]
        self._biases[rows, :steps] = layout.biases.to(self._biases)
        self._delayed[place, :, :steps] = layout.delayed.to(self._delayed)
        self._free[place] = False
        self._free[place, :, :steps] = layout.free.to(self._free)
        self._uniforms[place, known:steps] = uniforms.to(self._uniforms)
        self._step[place], self._end[place], self._features[place] = known, steps, features
        self._scale[place], self._temperature[place] = sampling.cfg_scale, max(sampling.temperature, 1e-5)
        self._top_k[place] = min(sampling.top_k, self._most)
        x = known_inputs(self._conditions, layout).to(self._positions)
        length = x.shape[1]
        x = (x + self._positions[:length]).to(self._dtype)
        for layer, block in enumerate(self._blocks):
            query, key, value = self._heads(block.qkv(block.attention_norm(x)))
            self._cache[layer, 0, rows, :, :length] = key
            self._cache[layer, 1, rows, :, :length] = value
            seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask[:length, :length])
            x = self._rest(block, x, seen)
        self._logits[rows] = lm.logits(lm.norm(x[:, -1:]))[:, :, 0].float()

    def run(self, steps: int) -> None:
        """Take so many steps in every place; a place whose window is over stands still."""
        if self._capture and self._graph is None:
            self._record()
        for _ in range(steps):
            if self._graph is not None:
                self._graph.replay()
            else:
                self.step()

    def wait(self) -> None:
        """Until the device has done what it was told."""
        if self._cache.is_cuda:
            torch.cuda.synchronize()

    def delayed(self, place: int, steps: int) -> Tensor:
        """The window's delayed codes [K, S], on the CPU; waits for the device."""
        return self._delayed[place, :, :steps].cpu()

    @torch.inference_mode()
    def step(self) -> None:
        """Draw each place's codes from its logits, and compute the logits of its next step."""
        self._draw()
        lm = self._lm
        at = torch.minimum(self._step, self._end - 1).clamp(min=0)
        places = self._rows[: len(at)]
        before = self._delayed[places, :, (at - 1).clamp(min=0)]
        step = at.repeat_interleave(ROWS_PER_UNIT)
        embedded = lm.embed_codes(before[:, :, None])[:, 0].float().repeat_interleave(ROWS_PER_UNIT, dim=0)
        position = self._features.repeat_interleave(ROWS_PER_UNIT) + step
        x = embedded + self._biases[self._rows, step] + self._positions[position]
        x = x[:, None].to(self._dtype)
        mask = self._seen[self._rows, step][:, None, None]
        for layer, block in enumerate(self._blocks):
            query, key, value = self._heads(block.qkv(block.attention_norm(x)))
            keys, values = self._cache[layer, 0], self._cache[layer, 1]
            keys[self._rows, :, position] = key[:, :, 0]
            values[self._rows, :, position] = value[:, :, 0]
            x = self._rest(block, x, F.scaled_dot_product_attention(query, keys, values, attn_mask=mask))
        self._logits.copy_(lm.logits(lm.norm(x))[:, :, 0])

    def _draw(self) -> None:
        """As `engine.lm.sampling`, all places at once, where the step is a free cell."""
        pairs = self._logits.reshape(-1, ROWS_PER_UNIT, *self._logits.shape[1:])
        guided = pairs[:, 1] + self._scale * (pairs[:, 0] - pairs[:, 1])
        values, indices = (guided / self._temperature).topk(self._most, dim=-1)
        values = values.masked_fill(self._ranks >= self._top_k, -torch.inf)
        cumulative = values.softmax(dim=-1).cumsum(dim=-1)
        places = self._rows[: len(self._step)]
        at = torch.minimum(self._step, self._end)
        target = self._uniforms[places, at][..., None] * cumulative[..., -1:]
        rank = torch.searchsorted(cumulative, target, right=True)
        rank = torch.minimum(rank, self._top_k - 1)
        drawn = indices.gather(-1, rank)[..., 0]
        kept = self._delayed[places, :, at]
        self._delayed[places, :, at] = torch.where(self._free[places, :, at], drawn, kept)
        self._step.copy_(torch.minimum(self._step + 1, self._end))

    def _heads(self, qkv: Tensor) -> list[Tensor]:
        """[R, n, 3 D] -> three of [R, H, n, D / H]."""
        shape = (*qkv.shape[:2], self._lm.config.num_heads, -1)
        return [part.reshape(shape).transpose(1, 2) for part in qkv.chunk(3, dim=-1)]

    def _rest(self, block: Block, x: Tensor, seen: Tensor) -> Tensor:
        x = x + block.out(seen.transpose(1, 2).flatten(-2))
        grown: Tensor = x + block.down(F.gelu(block.up(block.ffn_norm(x))))
        return grown

    def _record(self) -> None:
        """Capture one step; the steps that warm the libraries up are undone."""
        state = [self._delayed, self._step, self._logits, self._cache]
        kept = [tensor.clone() for tensor in state]
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP_STEPS):
                self.step()
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self.step()
        for tensor, before in zip(state, kept, strict=True):
            tensor.copy_(before)
