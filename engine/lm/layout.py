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
    be filled in; free [K, S]: the cells to be drawn, one at least; `known` steps come before the first that draws, and
    from `end` on none does.
    """

    prefix: Tensor
    biases: Tensor
    delayed: Tensor
    free: Tensor
    known: int
    end: int

    @property
    def num_steps(self) -> int:
        return self.delayed.shape[-1]


def lay_out(
    lm: LanguageModel,
    take: TakeConditions,
    window: Window,
    sampling: Sampling,
    codes: Tensor,
    forced: Tensor | None = None,
) -> WindowLayout:
    """
    Args:
        codes: [K, T] of the take, as far as they are known.
        forced: [K, T], which of them stay, beside those that the window is primed with; None for no others.
    """
    books, pad_id = lm.config.num_codebooks, lm.config.pad_id
    steps = window.length + books - 1
    span = slice(window.start, window.start + window.length)
    stays = torch.zeros(books, window.length, dtype=torch.bool) if forced is None else forced[:, span].clone()
    stays[:, : window.prime] = True
    held = delay(stays.long()[None], 0)[0].bool()
    delayed = torch.where(held, delay(codes[None, :, span], pad_id)[0], pad_id)
    free = real_cells(books, window.length) & ~held
    draws = free.any(dim=0).nonzero()[:, 0]
    prefix, biases = lm.encode_conditions(window_rows(lm, take, window, sampling), steps)
    return WindowLayout(prefix, biases, delayed, free, int(draws[0]), int(draws[-1]) + 1)


def known_inputs(lm: LanguageModel, layout: WindowLayout) -> Tensor:
    """What is read in before the first draw: x [2, N + known + 1, D]."""
    books, known = lm.config.num_codebooks, layout.known
    start = torch.full((books, 1), lm.config.pad_id, device=layout.delayed.device)
    history = torch.cat([start, layout.delayed[:, :known]], dim=1)
    embedded = lm.embed_codes(history[None]).expand(ROWS_PER_UNIT, -1, -1)
    return torch.cat([layout.prefix, embedded + layout.biases[:, : known + 1]], dim=1)
