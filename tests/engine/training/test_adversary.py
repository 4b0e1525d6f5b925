"""The decoder's rival, and how its losses are weighed."""

from __future__ import annotations

import pytest
import torch

from engine.training.adversary import Balancer, discriminator, rival_loss, rival_says


def test_a_loss_has_its_weights_share_of_the_gradient_whatever_its_scale() -> None:
    output = torch.randn(2, 1, 50, generator=torch.Generator().manual_seed(0), requires_grad=True)
    along = torch.randn(2, 1, 50, generator=torch.Generator().manual_seed(1))
    along = along - output.detach() * (along * output.detach()).sum() / output.detach().square().sum()
    losses = {"small": 1e-4 * (output * output.detach()).sum(), "large": 1e3 * (output * along).sum()}
    gradient = Balancer({"small": 3.0, "large": 1.0}).gradient(losses, output)
    parts = [
        (gradient * each / each.flatten(1).norm(dim=1).mean()).sum() for each in (output.detach(), along)
    ]
    unit = [
        each.square().sum() / each.flatten(1).norm(dim=1).mean() ** 2 for each in (output.detach(), along)
    ]
    assert float(parts[0] / unit[0]) == pytest.approx(0.75, rel=1e-4)
    assert float(parts[1] / unit[1]) == pytest.approx(0.25, rel=1e-4)


def test_the_rival_hears_a_pair_at_one_level() -> None:
    torch.manual_seed(0)
    rival = discriminator(2, (256, 128)).requires_grad_(False)
    output, wav = torch.randn(2, 1, 2048), torch.randn(2, 1, 2048)
    loss = float(rival_loss(rival, output, wav))
    assert abs(float(rival_loss(rival, 0.03 * output, 0.03 * wav)) - loss) < 1e-6
    assert abs(float(rival_loss(rival, 30 * output, wav)) - loss) > 1e-4


def test_a_perfect_output_is_at_no_distance_in_the_rivals_features() -> None:
    torch.manual_seed(0)
    rival = discriminator(2, (256, 128)).requires_grad_(False)
    wav = torch.randn(1, 1, 2048)
    assert float(rival_says(rival, wav, wav)[1]) == 0.0
    assert float(rival_says(rival, torch.randn(1, 1, 2048), wav)[1]) > 0.1
