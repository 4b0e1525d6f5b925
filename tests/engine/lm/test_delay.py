"""The delay pattern, against the drawing in its module."""

import torch

from engine.lm.delay import delay, real_cells, undelay

PAD = 99


def test_codebook_k_is_shifted_by_k_steps() -> None:
    codes = torch.arange(16).view(1, 4, 4)
    drawn = torch.tensor(
        [
            [0, 1, 2, 3, PAD, PAD, PAD],
            [PAD, 4, 5, 6, 7, PAD, PAD],
            [PAD, PAD, 8, 9, 10, 11, PAD],
            [PAD, PAD, PAD, 12, 13, 14, 15],
        ]
    )
    assert torch.equal(delay(codes, PAD)[0], drawn)


def test_undelay_takes_delay_back() -> None:
    codes = torch.randint(0, 50, (3, 4, 17))
    assert torch.equal(undelay(delay(codes, PAD)), codes)


def test_a_window_of_500_frames_has_503_steps_and_2000_real_cells() -> None:
    cells = real_cells(4, 500)
    assert cells.shape == (4, 503)
    assert int(cells.sum()) == 2000
    assert torch.equal(cells, delay(torch.ones(1, 4, 500), PAD)[0] == 1)
