"""The decoder on own kernels: weights in fp32, bf16 or int8, a static cache, any number of rows in one pass."""

from __future__ import annotations

import weakref
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import LMConfig
from engine.lm.attention import FEATURES_PER_S
from engine.lm.decoding.memory import drop_code, trim_heap
from engine.lm.decoding.narrowing import ReadTensor, WeightType
from engine.lm.decoding.native import kernels
from engine.lm.decoding.native.buffers import Cache, Rows, Space
from engine.lm.decoding.native.crew import Crew
from engine.lm.decoding.native.drawing import draw
from engine.lm.decoding.native.machine import instructions
from engine.lm.decoding.native.packing import CACHED, MULTIPLIED, STORED, SUMMED, aligned, packed
from engine.lm.decoding.native.phases import new_counters
from engine.lm.decoding.native.tiles import LANES, LINE_BYTES
from engine.lm.model import LanguageModel, sinusoid
from engine.lm.sampling import LEAST_TEMPERATURE
from engine.lm.windows import ROWS_PER_UNIT
from engine.protocol import Sampling

PREFILL_ROWS = 32
"""Rows of one pass while a window's known steps are read in."""
HELD = 8
"""A cache serves on while it is at most so many times what is needed: new memory costs more than to overwrite old."""


class NativeDecoder:
    """See `engine.lm.decoding.decoder.Decoder`.

    A row's numbers depend on nothing but the row: neither on the rows beside it nor on the number of threads.
    """

    _space: Space
    _logits: NDArray[np.float32]

    def __init__(
        self,
        conditions: LanguageModel,
        read: ReadTensor,
        dtype: WeightType,
        *,
        num_threads: int | None = None,
    ) -> None:
        self.conditions, self.dtype = conditions, dtype
        self.backend = "numba " + "+".join(sorted(instructions()))
        config = conditions.config
        self._config, self._frame_rate = config, conditions.frame_rate
        drop_code()
        self._weights = packed(config, read, dtype)
        trim_heap()
        self._threads = num_threads or torch.get_num_threads()
        self._crew = Crew(self._threads)
        weakref.finalize(self, self._crew.dismiss)
        self._draw_counters = new_counters(2, self._threads)
        self._held: Cache | None = None
        self._compile()
        self.release()
        drop_code()
        trim_heap()

    def _compile(self) -> None:
        """Take one step, so that the first take does not wait for the compiler."""
        self.open(1, 1)
        logits = self.decode_step([0], torch.zeros(1, ROWS_PER_UNIT, self._config.dim))
        self.draw(logits, Sampling(), torch.zeros(1, self._config.num_codebooks))

    @property
    def bytes_per_value(self) -> float:
        unit_bytes = np.dtype(np.float32).itemsize * self._config.num_heads / self._config.dim
        return np.dtype(CACHED[self.dtype]).itemsize + unit_bytes

    @property
    def held_bytes(self) -> int:
        held = self._held
        if held is None:
            return 0
        return sum(array.nbytes for array in (held.keys, held.values, held.key_units, held.value_units))

    def open(self, places: int, capacity: int) -> None:
        config = self._config
        rows, capacity = places * ROWS_PER_UNIT, -(-capacity // LANES) * LANES
        most_rows = max(rows, PREFILL_ROWS)
        held = 0 if self._held is None else len(self._held.keys)
        needed = config.num_layers * rows * config.dim * capacity
        if not needed <= held <= HELD * needed:
            self.release()  # first: there may not be room for the old and the new
            self._held = new_cache(config, self.dtype, rows, capacity)
        self._space = new_space(config, self.dtype, most_rows, capacity, self._threads)
        self._logits = np.empty((most_rows, config.num_codebooks * config.codebook_size), np.float32)
        self._places, self._capacity, self._most_rows = rows, capacity, most_rows
        self._positions = sinusoid(0, self._capacity, config.dim).float().numpy()
        self._lengths = np.zeros(places, np.int64)
        self._features = np.zeros(places, np.int64)
        self._last_frame = np.zeros(places, np.int64)

    def release(self) -> None:
        self._held = None

    def prefill(self, place: int, x: Tensor, num_features: int, num_steps: int) -> Tensor:
        self._lengths[place] = 0
        self._features[place] = num_features
        self._last_frame[place] = num_steps - self._config.num_codebooks
        known = x.shape[1] - 1
        at_once = self._most_rows // ROWS_PER_UNIT
        for start in range(0, known, at_once):
            piece = x[:, start : min(known, start + at_once)]
            self._pass([place] * piece.shape[1], piece.flatten(0, 1), 0)
        return self.decode_step([place], x[None, :, known])[0]

    def decode_step(self, places: Sequence[int], x: Tensor) -> Tensor:
        logits = self._pass(places, x.flatten(0, 1), len(places) * ROWS_PER_UNIT)
        config = self._config
        return logits.reshape(len(places), ROWS_PER_UNIT, config.num_codebooks, config.codebook_size)

    def draw(self, logits: Tensor, sampling: Sampling, uniforms: Tensor) -> Tensor:
        drawn = np.empty(uniforms.shape, np.int64)
        scale, temperature = sampling.cfg_scale, max(sampling.temperature, LEAST_TEMPERATURE)
        self._draw_counters[:] = 0
        self._crew.run(
            draw, self._threads, self._draw_counters, logits.numpy(), np.float32(scale), np.float32(temperature),
            sampling.top_k, uniforms.numpy(), drawn,
        )  # fmt: skip
        return torch.from_numpy(drawn)

    def _pass(self, places: Sequence[int], x: Tensor, num_logits: int) -> Tensor:
        """x [M, D]: for decoding, the two rows of each place; for prefill, both rows of one place, n steps each."""
        if num_logits:
            steps = self._lengths[places]
            position = np.repeat(steps, ROWS_PER_UNIT)
            unit = np.repeat(np.asarray(places), ROWS_PER_UNIT)
            row = unit * ROWS_PER_UNIT + np.tile(np.arange(ROWS_PER_UNIT), len(places))
            runs = np.arange(len(row) + 1)
            self._lengths[places] += 1
        else:
            count, first = len(places), self._lengths[places[0]]
            position = np.tile(np.arange(first, first + count), ROWS_PER_UNIT)
            unit = np.repeat(places[0], ROWS_PER_UNIT * count)
            row = unit * ROWS_PER_UNIT + np.repeat(np.arange(ROWS_PER_UNIT), count)
            runs = np.arange(ROWS_PER_UNIT + 1) * count
            self._lengths[places[0]] += count
        hidden = x.float().numpy() + self._positions[position]
        rows = Rows(hidden, row, position, self._seen(unit, position), runs, self._logits)
        self._space.counters[:] = 0
        self._crew.run(
            kernels.forward, self._threads, self._weights, self._held, rows, self._space,
            self._config.num_heads, self._places, self._capacity, num_logits,
        )  # fmt: skip
        return torch.from_numpy(self._logits[len(row) - num_logits : len(row)].copy())

    def _seen(self, unit: NDArray[np.int64], position: NDArray[np.int64]) -> NDArray[np.int64]:
        """[M, 3]: which features each row sees, and where the steps begin (the masks of `engine.lm.attention`)."""
        features = self._features[unit]
        is_feature = position < features
        step = np.minimum(position - features, self._last_frame[unit])
        own = np.where(is_feature, position, step * FEATURES_PER_S // self._frame_rate)
        first = own if self._config.visual_attention == "frame-wise" else np.zeros_like(own)
        sees_all = ~is_feature & (self._config.visual_attention == "all-frame")
        return np.stack([first, np.where(sees_all, features, own + 1), features], axis=1)


def new_cache(config: LMConfig, dtype: WeightType, places: int, capacity: int) -> Cache:
    size = config.num_layers * places * config.dim * capacity
    units = config.num_layers * places * config.num_heads * capacity
    keys, values = (aligned(size, CACHED[dtype]) for _ in range(2))
    key_units, value_units = (np.ones(units, np.float32) for _ in range(2))
    return Cache(keys, values, keys.view(np.uint32), values.view(np.uint32), key_units, value_units)


def new_space(config: LMConfig, dtype: WeightType, rows: int, capacity: int, threads: int) -> Space:
    dim, wide, head = config.dim, config.ffn_mult * config.dim, config.dim // config.num_heads
    stored, cached = STORED[dtype], CACHED[dtype]
    panel, met = MULTIPLIED[stored], MULTIPLIED[cached]
    parts = 2 if cached is np.uint8 else 1
    kept = np.empty((threads, head), cached)
    pitch = wide + LINE_BYTES // np.dtype(panel).itemsize
    return Space(
        qkv=np.empty((rows, 3 * dim), np.float32),
        attended=np.empty((rows, dim), np.float32),
        grown=np.empty((rows, wide), np.float32),
        narrow=aligned(rows * pitch, panel).reshape(rows, pitch),
        scales=np.ones(rows, np.float32),
        starts=np.zeros(rows, SUMMED[stored]),
        row=np.empty((threads, wide), np.float32),
        query=np.empty((threads, 1, head), met),
        kept=kept,
        kept_words=kept.view(np.uint32),
        kept_bits=kept.view(f"u{kept.itemsize}"),
        shares=np.empty((threads, capacity + LANES), np.float32),
        parts=np.empty((threads, parts, capacity + LANES), met),
        part_starts=np.zeros((threads, parts), SUMMED[cached]),
        products=np.empty((threads, parts, max(capacity, head)), SUMMED[cached]),
        sums=np.empty((threads, rows, kernels.WIDTH), SUMMED[stored]),
        counters=new_counters(kernels.num_phases(config.num_layers), threads),
    )
