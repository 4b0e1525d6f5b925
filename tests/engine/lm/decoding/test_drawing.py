"""The own kernel that draws codes against PyTorch's operators."""

from __future__ import annotations

import pytest
import torch

from engine.lm.decoding.opening import decoder_of
from engine.lm.sampling import guide, sample_top_k
from engine.protocol import AS_PUBLISHED, Sampling
from tests.engine.lm.decoding.test_decoders import needs_kernels
from tests.engine.lm.small import small_lm

PLACES, BOOKS = 40, 5


@needs_kernels
@pytest.mark.parametrize("codes", [2, 33, 512, 2048])
@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(),
        AS_PUBLISHED,
        Sampling(top_k=1),
        Sampling(cfg_scale=1.0, temperature=0.0),
        Sampling(top_k=5000),
    ],
    ids=["default", "published", "one", "cold", "all"],
)
def test_the_own_kernel_draws_what_pytorch_draws(codes: int, sampling: Sampling) -> None:
    decoder = decoder_of(small_lm("causal").float(), "int8", own_kernels=True)
    generator = torch.Generator().manual_seed(codes)
    logits = 3 * torch.randn(PLACES, 2, BOOKS, codes, generator=generator)
    uniforms = torch.rand(PLACES, BOOKS, generator=generator)
    expected = sample_top_k(guide(logits[:, 0], logits[:, 1], sampling.cfg_scale), sampling, uniforms)
    assert torch.equal(decoder.draw(logits, sampling, uniforms), expected)


@needs_kernels
def test_equal_codes_are_drawn_alike_and_none_below_them() -> None:
    decoder = decoder_of(small_lm("causal").float(), "int8", own_kernels=True)
    logits = torch.tensor([1.0, 1.0, 1.0, 0.0]).expand(6000, 2, 1, 4).contiguous()
    uniforms = torch.rand(6000, 1, generator=torch.Generator().manual_seed(0))
    drawn = decoder.draw(logits, Sampling(top_k=3), uniforms)
    share = torch.bincount(drawn[:, 0], minlength=4) / 6000
    assert torch.allclose(share, torch.tensor([1 / 3, 1 / 3, 1 / 3, 0.0]), atol=0.02)


@needs_kernels
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_ends_no_draw_and_is_drawn_last(wrong: float) -> None:
    decoder = decoder_of(small_lm("causal").float(), "int8", own_kernels=True)
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(PLACES, 2, BOOKS, 64, generator=generator)
    logits[0, :, 0, 5], logits[1:3] = wrong, wrong
    uniforms = torch.rand(PLACES, BOOKS, generator=generator)
    drawn = decoder.draw(logits, Sampling(top_k=8), uniforms)
    assert bool(((drawn >= 0) & (drawn < 64)).all())
    assert int(drawn[0, 0]) != 5
    assert torch.equal(drawn[3:], decoder.draw(logits[3:].contiguous(), Sampling(top_k=8), uniforms[3:]))
