"""The unit of work, cue x take: what its codes follow, and what of them is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.config import WindowConfig
from engine.lm.keeping import LaidOriginal
from engine.lm.windows import TakeConditions, Window, plan_windows
from engine.protocol import Sampling

DRAFTS_AT_ONCE = 2
"""Of a window: whether there shall be more is seen when these are heard."""


@dataclass(frozen=True)
class TakeUnit:
    """One take of one cue: all that its codes depend on, beside the model.

    `opening` [K, N] are codes that it goes on from, of a cast sound. They count among the take's frames, conditions
    begin with them, and no one hears them. `original` is the take that it is made from; its frames begin after them.
    `hits_s` are the hits that onsets are to be heard at, seconds from the first frame that is heard; where there are
    none, one draft is as good as another.
    """

    conditions: TakeConditions
    num_frames: int
    sampling: Sampling
    seed: int
    opening: Tensor | None = None
    original: LaidOriginal | None = None
    hits_s: tuple[float, ...] = ()

    @property
    def drafts_at_once(self) -> int:
        """Of a window with hits."""
        return min(self.sampling.drafts, DRAFTS_AT_ONCE) if self.hits_s else 1

    @property
    def opening_frames(self) -> int:
        return 0 if self.opening is None else self.opening.shape[-1]

    def plan(self, windows: WindowConfig) -> list[Window]:
        """The windows in which something is drawn; none where nothing is."""
        plan = plan_windows(self.num_frames, windows, self.opening_frames)
        forced = self.forced()
        if forced is None:
            return plan
        return [each for each in plan if not _fresh(forced, each).all()]

    def forced(self) -> Tensor | None:
        """The cells [K, T] that stay as `begun` has them; None where all but the opening's are drawn."""
        if self.original is None:
            return None
        before = torch.ones(len(self.original.forced), self.opening_frames, dtype=torch.bool)
        return torch.cat([before, self.original.forced], dim=1)

    def begun(self, num_codebooks: int) -> Tensor:
        """Codes [K, T] with what is known of them."""
        codes = torch.zeros(num_codebooks, self.num_frames, dtype=torch.long)
        if self.opening is not None:
            codes[:, : self.opening_frames] = self.opening
        if self.original is not None:
            codes[:, self.opening_frames :] = self.original.codes
        return codes

    def heard(self, codes: Tensor) -> Tensor:
        """The codes [K, T] of the whole, as those that are heard."""
        return codes[:, self.opening_frames :]

    def settled(self, codes: Tensor) -> Tensor:
        """Heard codes [K, T], the original's where its samples are what is heard."""
        return codes if self.original is None else self.original.settled(codes)


def _fresh(forced: Tensor, window: Window) -> Tensor:
    """Of the cells [K, T], those that the window adds."""
    return forced[:, window.start + window.prime : window.start + window.length]
