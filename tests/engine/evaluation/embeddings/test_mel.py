"""The mel bank that the front ends share, against Kaldi's and against VGGish's definition band by band."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torchaudio.compliance import kaldi

from engine.evaluation.embeddings.mel import mel_triangles


@pytest.mark.parametrize(
    ("bands", "n_fft", "sample_rate", "low_hz", "high_hz"),
    [(128, 1024, 32000, 0.0, 15000.0), (128, 512, 16000, 20.0, 8000.0), (23, 256, 8000, 100.0, 3800.0)],
)
def test_the_bank_is_kaldis(bands: int, n_fft: int, sample_rate: int, low_hz: float, high_hz: float) -> None:
    theirs, _ = kaldi.get_mel_banks(bands, n_fft, float(sample_rate), low_hz, high_hz, 100.0, -500.0, 1.0)
    ours = mel_triangles(bands, n_fft, sample_rate, low_hz, high_hz)
    assert ours.shape == (bands, n_fft // 2 + 1)
    assert torch.allclose(ours[:, :-1], theirs, atol=2e-5)
    assert (ours[:, -1] == 0).all()


def test_vggishs_bank_band_by_band() -> None:
    ours = mel_triangles(64, 512, 16000, 125.0, 7500.0).numpy()

    def mel(frequency_hz: float) -> float:
        return 1127.0 * math.log(1.0 + frequency_hz / 700.0)

    edges = np.linspace(mel(125.0), mel(7500.0), 66)
    for band in range(64):
        left, centre, right = edges[band : band + 3]
        for fft_bin in range(257):
            at = mel(fft_bin * 16000 / 512)
            expected = max(0.0, min((at - left) / (centre - left), (right - at) / (right - centre)))
            assert ours[band, fft_bin] == pytest.approx(0.0 if fft_bin == 0 else expected, abs=1e-6)
