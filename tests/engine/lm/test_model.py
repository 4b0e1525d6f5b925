"""The Transformer: what it may see, and the KV cache against the whole."""

import pytest
import torch
from torch.nn import functional as F

from engine.config import VisualAttention
from engine.lm.attention import feature_of_step
from engine.lm.delay import delay
from engine.lm.model import KVCache
from tests.engine.lm.small import CONFIG, random_codes, random_conditions, small_lm

KINDS: tuple[VisualAttention, ...] = ("all-frame", "causal", "frame-wise")
FRAMES = 120


@pytest.mark.parametrize("kind", KINDS)
def test_cached_logits_equal_uncached_logits_step_by_step(kind: VisualAttention) -> None:
    lm, conditions = small_lm(kind), random_conditions(2, FRAMES)
    delayed = delay(random_codes(2, FRAMES), lm.config.pad_id)
    with torch.no_grad():
        whole = lm(delayed, conditions)
        steps = delayed.shape[-1]
        prefix, biases = lm.encode_conditions(conditions, steps)
        features = prefix.shape[1]
        mask = lm.mask(features, steps)
        cache = KVCache(lm.config, 2, features + steps, torch.float64)
        inputs = lm.embed_codes(F.pad(delayed, (1, 0), value=lm.config.pad_id)[..., :-1]) + biases
        first = torch.cat([prefix, inputs[:, :1]], dim=1)
        out = lm.transform(first, 0, mask[: features + 1, : features + 1], cache)[:, -1:]
        for step in range(steps):
            assert torch.allclose(lm.logits(out)[:, :, 0], whole[:, :, step], atol=1e-10, rtol=0), step
            if step + 1 < steps:
                place = features + step + 1
                out = lm.transform(
                    inputs[:, step + 1 : step + 2], place, mask[place : place + 1, : place + 1], cache
                )


@pytest.mark.parametrize("kind", ["causal", "frame-wise"])
def test_no_step_feels_a_feature_later_than_its_time(kind: VisualAttention) -> None:
    lm, conditions = small_lm(kind), random_conditions(1, FRAMES)
    visual = conditions.visual.requires_grad_()
    logits = lm(delay(random_codes(1, FRAMES), lm.config.pad_id), conditions)
    steps = logits.shape[2]
    feature_at = feature_of_step(steps, FRAMES, lm.frame_rate)
    # All steps' gradients at once.
    losses = logits[0].square().sum(dim=(0, 2))
    (gradients,) = torch.autograd.grad(losses, visual, torch.eye(steps).to(losses), is_grads_batched=True)
    felt = gradients[:, 0].abs().sum(dim=-1)
    later = torch.arange(felt.shape[1]) > feature_at[:, None]
    assert len(felt) == steps == FRAMES + lm.config.num_codebooks - 1
    assert torch.all(felt[later] == 0), felt.masked_fill(~later, 0).nonzero()
    assert torch.all(felt.gather(1, feature_at[:, None]) > 0)


def test_all_frame_attention_feels_every_feature_from_the_first_step_on() -> None:
    lm, conditions = small_lm("all-frame"), random_conditions(1, FRAMES)
    visual = conditions.visual.requires_grad_()
    logits = lm(delay(random_codes(1, FRAMES), lm.config.pad_id), conditions)
    (gradient,) = torch.autograd.grad(logits[0, :, 0].square().sum(), visual)
    assert torch.all(gradient[0].abs().sum(dim=-1) > 0)


def test_a_code_is_felt_only_by_later_steps() -> None:
    lm, conditions = small_lm(), random_conditions(1, FRAMES)
    codes = random_codes(1, FRAMES)
    changed = codes.clone()
    changed[0, 2, 40] = (changed[0, 2, 40] + 1) % CONFIG.codebook_size
    with torch.no_grad():
        difference = (
            lm(delay(codes, lm.config.pad_id), conditions) - lm(delay(changed, lm.config.pad_id), conditions)
        ).abs()
    moved = difference.sum(dim=(0, 1, 3)) > 0
    # Codebook 2 of frame 40 is the target of step 42 and the input of step 43.
    assert not moved[:43].any()
    assert moved[43]


def test_unknown_conditions_leave_no_trace_of_their_values() -> None:
    lm = small_lm()
    delayed = delay(random_codes(2, FRAMES), lm.config.pad_id)
    one, other = random_conditions(2, FRAMES, seed=5), random_conditions(2, FRAMES, seed=6)
    with torch.no_grad():
        first, second = lm(delayed, one), lm(delayed, other)
    assert torch.equal(first[1], second[1])
    assert not torch.allclose(first[0], second[0])
