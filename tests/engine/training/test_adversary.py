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


def test_a_rival_that_learns_tells_a_tone_from_noise_at_any_level() -> None:
    torch.manual_seed(0)
    rival = discriminator(2, (256, 128))
    optimizer = torch.optim.Adam(rival.parameters(), 3e-3)
    time_s = torch.arange(2048) / 16000
    tone = torch.sin(2 * torch.pi * 440 * time_s)[None, None].repeat(4, 1, 1)
    losses = []
    for step in range(30):
        noise = torch.randn(4, 1, 2048) * 10.0 ** -(step % 3)
        loss = rival_loss(rival, noise, tone * 10.0 ** -((step + 1) % 3))
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.7 * losses[0]


def test_a_perfect_output_is_at_no_distance_in_the_rivals_features() -> None:
    torch.manual_seed(0)
    rival = discriminator(2, (256, 128))
    wav = torch.randn(1, 1, 2048)
    assert float(rival_says(rival, wav, wav)[1]) == 0.0
    assert float(rival_says(rival, torch.randn(1, 1, 2048), wav)[1]) > 0.1
