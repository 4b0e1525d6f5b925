"""Codes that are held where that costs little: the cheapest of all sequences, and fewer changes."""

from itertools import pairwise, product

import torch
from torch import Tensor

from engine.codec.quantizer import ResidualVectorQuantizer, held_codes


def cost(codes: tuple[int, ...], distances: Tensor, switch_cost: float) -> float:
    apart = sum(float(distances[t, code]) for t, code in enumerate(codes))
    return apart + switch_cost * sum(one != other for one, other in pairwise(codes))


def test_no_other_sequence_costs_less() -> None:
    for seed in range(20):
        distances = torch.rand(1, 6, 3, generator=torch.Generator().manual_seed(seed))
        for switch_cost in (0.0, 0.1, 0.4, 5.0):
            found = tuple(held_codes(distances, switch_cost)[0].tolist())
            least = min(cost(codes, distances[0], switch_cost) for codes in product(range(3), repeat=6))
            assert abs(cost(found, distances[0], switch_cost) - least) < 1e-5


def test_without_a_cost_the_nearest_are_taken_and_with_a_great_one_a_single_code() -> None:
    distances = torch.rand(2, 40, 8, generator=torch.Generator().manual_seed(1))
    assert torch.equal(held_codes(distances, 0.0), distances.argmin(dim=2))
    held = held_codes(distances, 1e3)
    assert torch.equal(held[:, 0], distances.sum(dim=1).argmin(dim=1))
    assert bool((held == held[:, :1]).all())


def started(switching: bool) -> tuple[ResidualVectorQuantizer, Tensor]:
    """Codebooks of some latents [2, 5, 800] that stay for ten frames under some noise."""
    draw = torch.Generator().manual_seed(2)
    drift = torch.randn(2, 5, 80, generator=draw).repeat_interleave(10, dim=2)
    latents = drift + 0.3 * torch.randn(2, 5, 800, generator=draw)
    latents[:, 0] = 3.0
    quantizer = ResidualVectorQuantizer(3, 16, 5, given=torch.arange(16.0)[:, None])
    quantizer.start_by_kmeans(latents.transpose(1, 2).reshape(-1, 5), generator=draw)
    if not switching:
        quantizer.switch_cost.zero_()
    return quantizer, latents


def test_codes_change_less_often_and_cost_little_more() -> None:
    changes, errors = [], []
    for switching in (True, False):
        quantizer, latents = started(switching)
        codes = quantizer.encode(latents)
        assert bool((codes[:, 0] == 3).all())
        changes.append(float((codes[:, 1:, 1:] != codes[:, 1:, :-1]).float().mean()))
        errors.append(float((quantizer.decode(codes) - latents).square().sum(dim=1).mean()))
    assert changes[0] < 0.85 * changes[1]
    assert errors[1] <= errors[0] < 1.5 * errors[1]


def test_a_sound_is_encoded_as_it_is_among_others() -> None:
    quantizer, latents = started(switching=True)
    assert torch.equal(quantizer.encode(latents)[1:], quantizer.encode(latents[1:]))
