"""What a codec of bands adds to what its components say of rows: a small network against a discriminator's ear.

Components give each frame the mean of all that its few codes may stand for, and a mean is duller than any of them.
The network moves the levels of bands and the shares of their sines, from some rows before to some rows after
(`engine.training.detail` teaches it). It starts as nothing, and tokens know nothing of it.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.codec.gain_shape import ASPECTS, MIDDLE_DB, SHARE_FLOOR, SHARE_SCALE, SPREAD_DB
from engine.config import BandsConfig

CHANCES = 4
"""Numbers of a row that are drawn: of noise, no two rows are alike."""
KERNEL_ROWS, NUM_LAYERS = 5, 3
MOST_LEVEL, MOST_SHARE = 1.5, 1.0
"""What is added at most, in what is seen of a level and of a share."""
LOWEST_OVER, HIGHEST_OVER = -4.0, 2.0
"""Of a level over its frame's loudness, in spreads, as the network sees it."""
LOUDNESS_SPREADS = 2.0


class Detail(nn.Module):
    """What is seen of rows [B, T * rows_a_frame, 3, bands] -> the same, nearer to what the recording had."""

    def __init__(self, bands: BandsConfig) -> None:
        super().__init__()
        self.rows_a_frame, self.num_bands = bands.rows_a_frame, bands.num_bands
        width = bands.detail_width
        widths = [ASPECTS * bands.num_bands + 1 + CHANCES] + [width] * NUM_LAYERS
        self.layers = nn.ModuleList(
            nn.Conv1d(before, after, KERNEL_ROWS, padding=KERNEL_ROWS // 2)
            for before, after in pairwise(widths)
        )
        self.out = nn.Conv1d(width, 2 * bands.num_bands, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)  # type: ignore[arg-type]

    @property
    def reach_rows(self) -> int:
        """How many rows before and after its own a row depends on."""
        return NUM_LAYERS * (KERNEL_ROWS // 2)

    def forward(self, seen: Tensor, loudness: Tensor, chance: Tensor) -> Tensor:
        """
        Args:
            loudness: of the frames, in dB, [B, T].
            chance: [B, T * rows_a_frame, CHANCES], normal.
        """
        level, share, place = seen.unbind(dim=2)
        loud = ((loudness - MIDDLE_DB) / SPREAD_DB).repeat_interleave(self.rows_a_frame, dim=1)[..., None]
        over = (level - loud).clamp(LOWEST_OVER, HIGHEST_OVER)
        x = torch.cat([over, share, place, loud / LOUDNESS_SPREADS, chance], dim=-1).transpose(1, 2)
        for number, layer in enumerate(self.layers):
            made = functional.silu(layer(x))
            x = x + made if number else made
        more_level, more_share = self.out(x).transpose(1, 2).split(self.num_bands, dim=-1)
        moved = (share + MOST_SHARE * more_share.tanh()).clamp(0, SHARE_SCALE)
        # A place is seen the more the larger its share is: it stays where it was.
        before, after = (each.clamp(0, SHARE_SCALE) / SHARE_SCALE + SHARE_FLOOR for each in (share, moved))
        return torch.stack([level + MOST_LEVEL * more_level.tanh(), moved, place / before * after], dim=2)
