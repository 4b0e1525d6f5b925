"""Top-k sampling and guidance."""

import torch

from engine.lm.sampling import guide, sample_top_k
from engine.protocol import Sampling


def uniforms(count: int) -> torch.Tensor:
    return torch.rand(count, generator=torch.Generator().manual_seed(0))


def test_only_the_k_most_likely_are_drawn_and_in_their_proportion() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.3, 0.15, 0.05]])).expand(20000, -1)
    drawn = sample_top_k(logits, Sampling(top_k=2, temperature=1.0), uniforms(len(logits)))
    share = torch.bincount(drawn, minlength=4) / len(drawn)
    assert torch.allclose(share, torch.tensor([0.625, 0.375, 0.0, 0.0]), atol=0.015)


def test_temperature_sharpens() -> None:
    logits = torch.tensor([[1.0, 0.0]]).expand(4000, -1)
    cold = sample_top_k(logits, Sampling(temperature=0.1), uniforms(len(logits)))
    warm = sample_top_k(logits, Sampling(temperature=1.0), uniforms(len(logits)))
    assert (cold == 0).float().mean() > 0.999 > (warm == 0).float().mean()


def test_guidance_of_one_is_the_conditioned_model_and_more_goes_beyond() -> None:
    conditioned, null = torch.tensor([2.0, 1.0]), torch.tensor([1.0, 1.5])
    assert torch.equal(guide(conditioned, null, 1.0), conditioned)
    assert torch.equal(guide(conditioned, null, 3.0), torch.tensor([4.0, 0.0]))
