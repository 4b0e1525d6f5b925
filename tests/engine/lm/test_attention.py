"""The masks, against FoleyGen's Figure 2: two features at two a second, four audio tokens of one second.

The figure has 2 visual features at 2 Hz and 4 audio tokens; so each feature covers two tokens.
"""

import pytest
import torch

from engine.config import VisualAttention
from engine.lm.attention import feature_of_step, visual_mask

FIGURE_2: dict[VisualAttention, str] = {
    # columns: v0 v1 | a0 a1 a2 a3
    "all-frame": """
        X . | . . . .
        X X | . . . .
        X X | X . . .
        X X | X X . .
        X X | X X X .
        X X | X X X X""",
    "causal": """
        X . | . . . .
        X X | . . . .
        X . | X . . .
        X . | X X . .
        X X | X X X .
        X X | X X X X""",
    "frame-wise": """
        X . | . . . .
        . X | . . . .
        X . | X . . .
        X . | X X . .
        . X | X X X .
        . X | X X X X""",
}


def drawn(picture: str) -> torch.Tensor:
    rows = [line.replace("|", "").split() for line in picture.strip().splitlines()]
    return torch.tensor([[cell == "X" for cell in row] for row in rows])


@pytest.mark.parametrize("kind", FIGURE_2)
def test_mask_is_the_papers_figure_2(kind: VisualAttention) -> None:
    assert torch.equal(visual_mask(kind, 2, torch.tensor([0, 0, 1, 1])), drawn(FIGURE_2[kind]))


def test_a_step_belongs_to_the_feature_of_its_own_second() -> None:
    feature_at = feature_of_step(503, 500, 50)
    assert feature_at[0] == 0 and feature_at[49] == 0 and feature_at[50] == 1
    assert feature_at[499] == 9


def test_the_delays_tail_steps_belong_to_the_last_frame() -> None:
    # 100 frames end exactly at 2 s: steps 100 to 102 would name a feature that does not exist.
    feature_at = feature_of_step(103, 100, 50)
    assert feature_at[99:].tolist() == [1, 1, 1, 1]
