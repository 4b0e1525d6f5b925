"""FoleyGen's three visual attention mechanisms (arXiv 2309.10537, section 3.4 and Figure 2), as masks.

The N visual features stand before the S audio steps. A prefix that attended freely would leak the future
through itself from the second layer on; so its rows are causal among themselves (all-frame, causal) or see
only themselves (frame-wise).
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.config import VisualAttention

FEATURES_PER_S = 1


def feature_of_step(num_steps: int, num_frames: int, frame_rate: int) -> Tensor:
    """The index [S] of the visual feature that holds each step's time.

    Steps past the last frame (the delay's tail) belong to the last frame.
    """
    step = torch.arange(num_steps).clamp(max=num_frames - 1)
    return step * FEATURES_PER_S // frame_rate


def visual_mask(kind: VisualAttention, num_features: int, feature_at: Tensor) -> Tensor:
    """Who may see whom: bool [N + S, N + S], True where row may attend to column.

    Args:
        kind: the mechanism.
        num_features: N.
        feature_at: [S], from `feature_of_step`.
    """
    steps = len(feature_at)
    total = num_features + steps
    mask = torch.zeros(total, total, dtype=torch.bool)
    feature = torch.arange(num_features)
    if kind == "frame-wise":
        mask[:num_features, :num_features] = torch.eye(num_features, dtype=torch.bool)
        seen = feature[None] == feature_at[:, None]
    else:
        mask[:num_features, :num_features] = feature[None] <= feature[:, None]
        seen = (
            feature[None] <= feature_at[:, None]
            if kind == "causal"
            else torch.ones(steps, num_features).bool()
        )
    mask[num_features:, :num_features] = seen
    mask[num_features:, num_features:] = torch.ones(steps, steps, dtype=torch.bool).tril()
    return mask
