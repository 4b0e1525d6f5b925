"""The sync track: what a hit list and an intensity curve look like to the language model.

One pure function for given, spotted and edited hits alike; the model never sees probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.config import SyncConfig
from engine.protocol import Hit

IMPULSE, OFFSET, AGE, NEXT, CURVE, CURVE_KNOWN = range(6)


def render_sync(
    hits: Sequence[Hit],
    curve: NDArray[np.float32] | None,
    *,
    start_frame: int,
    num_frames: int,
    frame_rate: int,
    config: SyncConfig,
) -> NDArray[np.float32]:
    """The sync track [C, num_frames] of codec frames `start_frame` onwards.

    Args:
        hits: times in seconds from codec frame 0; hits outside the range still count for the ages.
        curve: intensity [0..1] a codec frame from frame 0 on, or None where it is not known.

    Channels: strength at the frame floor(rate * t) of a hit, how far into that frame it lies, exp(-age / 0.1 s)
    of the last hit, time to the next hit over 0.5 s (1 where it is further), curve, whether the curve is known.
    """
    track = np.zeros((config.num_channels, num_frames), np.float32)
    frame_s = (np.arange(num_frames) + start_frame) / frame_rate
    times_s = np.array(sorted(hit.time_s for hit in hits))
    track[NEXT] = 1.0
    for hit in hits:
        exact = hit.time_s * frame_rate
        at = int(np.floor(exact + 1e-9)) - start_frame
        if 0 <= at < num_frames and hit.strength >= track[IMPULSE, at]:
            track[IMPULSE, at] = hit.strength
            track[OFFSET, at] = max(0.0, exact - (at + start_frame))
    if times_s.size:
        end_s = frame_s + 1 / frame_rate
        past = np.searchsorted(times_s, end_s, side="left") - 1
        age_s = end_s - times_s[np.maximum(past, 0)]
        track[AGE] = np.where(past >= 0, np.exp(-age_s / config.decay_s), 0.0)
        wait_s = times_s[np.minimum(past + 1, times_s.size - 1)] - frame_s
        track[NEXT] = np.where(past + 1 < times_s.size, np.clip(wait_s / config.horizon_s, 0.0, 1.0), 1.0)
    if curve is not None:
        inside = np.arange(num_frames) + start_frame
        known = (inside >= 0) & (inside < len(curve))
        track[CURVE, known] = curve[inside[known]]
        track[CURVE_KNOWN, known] = 1.0
    return track


def still_track(num_frames: int, config: SyncConfig) -> NDArray[np.float32]:
    """The track [C, num_frames] of a picture in which nothing moves: no hits, the curve unknown."""
    return render_sync([], None, start_frame=0, num_frames=num_frames, frame_rate=1, config=config)


class SyncEncoder(nn.Module):
    """A non-causal convolution over +-12 frames: a codec latent sees 60 ms past its frame."""

    def __init__(self, config: SyncConfig, dim: int) -> None:
        super().__init__()
        self.radius = config.kernel_radius_frames
        self.spread = nn.Conv1d(config.num_channels, dim, 2 * self.radius + 1)
        self.mix = nn.Conv1d(dim, dim, 1)

    def forward(self, track: Tensor) -> Tensor:
        """track [B, C, T + 2 * radius] -> [B, T, dim]."""
        spread = nn.functional.gelu(self.spread(track))
        mixed: Tensor = self.mix(spread)
        return mixed.transpose(1, 2)
