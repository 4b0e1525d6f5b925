"""The energy distance: least for sounds like the real ones, not for their mean."""

import torch

from engine.training.energy import EnergyDistance

RATE = 16000
ENERGY = EnergyDistance(RATE, linear_ffts=(512,), mel_ffts=(256, 1024))


def noise(seed: int, level: float = 0.1) -> torch.Tensor:
    return torch.randn(6, RATE, generator=torch.Generator().manual_seed(seed)) * level


def test_noise_of_the_right_level_scores_better_than_louder_softer_duller_and_the_same_twice() -> None:
    real = noise(0)
    right = float(ENERGY(noise(1), noise(2), real)[0])
    others = {
        "louder": ENERGY(noise(1, 0.15), noise(2, 0.15), real),
        "softer": ENERGY(noise(1, 0.06), noise(2, 0.06), real),
        "silent": ENERGY(noise(1, 1e-4), noise(2, 1e-4), real),
        "one noise twice": ENERGY(noise(1), noise(1), real),
    }
    for name, (score, _) in others.items():
        assert float(score) > right + 0.02, name


def test_a_plain_distance_likes_the_softer_of_two_noises_which_is_how_a_codec_gets_dull() -> None:
    real = noise(0)

    def plain(wav: torch.Tensor) -> float:
        levels = ENERGY._levels(ENERGY._powers(real))
        one, other = (ENERGY._spectra(ENERGY._powers(each), levels).magnitudes[512] for each in (wav, real))
        return float((one - other).abs().mean())

    assert plain(noise(1, 0.08)) < plain(noise(1))
    soft, right = (float(ENERGY(noise(1, level), noise(2, level), real)[0]) for level in (0.08, 0.1))
    assert soft > right


def test_the_recording_itself_twice_scores_nothing() -> None:
    real = noise(0)
    score, near = ENERGY(real, real, real)
    assert abs(float(score)) < 2e-3 and float(near) < 2e-3


def test_gradients_are_finite_where_two_readings_are_one_and_where_all_is_silent() -> None:
    for real in (noise(0), torch.zeros(2, RATE)):
        wav = real.clone().requires_grad_()
        ENERGY(wav, wav, real)[0].backward()
        assert wav.grad is not None and bool(torch.isfinite(wav.grad).all())
