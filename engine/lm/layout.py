"""One window of one take, laid out as the language model reads it: its cells, which are forced, what conditions it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.lm.delay import delay, real_cells
from engine.lm.model import LanguageModel
from engine.lm.windows import ROWS_PER_UNIT, TakeConditions, Window, window_rows
from engine.protocol import Sampling


@dataclass(frozen=True)
class WindowLayout:
    """N features, S steps, K codebooks, D width.

    prefix [2, N, D] and biases [2, S, D] of the two rows; delayed [K, S], its forced cells filled and the others to
    be filled in; free [K, S]: the cells to be drawn; `known` steps come before the first that draws.
    """

    prefix: Tensor
    biases: Tensor
    delayed: Tensor
    free: Tensor
    known: int

    @property
    def num_steps(self) -> int:
        return self.delayed.shape[-1]


def lay_out(
    lm: LanguageModel, take: TakeConditions, window: Window, sampling: Sampling, codes: Tensor
) -> WindowLayout:
    """`codes` [K, T] are the take's, as far as they are drawn."""
    books, pad_id = lm.config.num_codebooks, lm.config.pad_id
    steps = window.length + books - 1
    cells = real_cells(books, window.length)
    forced = torch.zeros_like(cells)
    delayed = torch.full((books, steps), pad_id, dtype=torch.long)
    if window.prime:
        known = codes[:, window.start : window.start + window.prime]
        forced[:, : window.prime + books - 1] = real_cells(books, window.prime)
        delayed[:, : window.prime + books - 1] = delay(known[None], pad_id)[0]
    prefix, biases = lm.encode_conditions(window_rows(lm, take, window, sampling), steps)
    return WindowLayout(prefix, biases, delayed, cells & ~forced, window.prime)


def known_inputs(lm: LanguageModel, layout: WindowLayout) -> Tensor:
    """What is read in before the first draw: x [2, N + known + 1, D]."""
    books, known = lm.config.num_codebooks, layout.known
    start = torch.full((books, 1), lm.config.pad_id, device=layout.delayed.device)
    history = torch.cat([start, layout.delayed[:, :known]], dim=1)
    embedded = lm.embed_codes(history[None]).expand(ROWS_PER_UNIT, -1, -1)
    return torch.cat([layout.prefix, embedded + layout.biases[:, : known + 1]], dim=1)
