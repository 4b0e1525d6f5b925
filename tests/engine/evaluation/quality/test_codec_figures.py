"""A codec that changes nothing is off by nothing; a dull one, and a telephone, are found out."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import soundfile
import torch
from msgspec.structs import replace
from torch import Tensor

from engine.checkpoints import read_model_folder
from engine.codec.encodec import Encodec
from engine.config import CodecConfig
from engine.errors import CheckpointCorrupt, CheckpointNotFound
from engine.evaluation.quality import codec as codec_figures
from engine.evaluation.quality.codec_hits import hits_through
from engine.evaluation.quality.codec_opening import codec_as_shipped
from engine.evaluation.quality.opus import has_opus, through_opus
from engine.evaluation.quality.spectra import distance_above, flatness, high_band_share, stft_distance
from engine.media.audio import resample
from engine.pipeline import load_model
from engine.training.prepare.tools import open_codec
from engine.training.recordings import Recording, RecordingLibrary
from tests.engine.evaluation.quality.benches import RATE, Wav, strike, strikes
from tests.engine.models import TINY, write_tiny_model
from tests.engine.training.synthetic import placed

WIDE = CodecConfig(sample_rate=48000, strides=(4, 5, 6, 8))


class Echo:
    """A codec that gives back what it heard, or what `change` makes of it."""

    def __init__(self, config: CodecConfig, change: Any = lambda wav: wav) -> None:
        self.config, self._change = config, change

    def encode(self, wav: Tensor) -> Tensor:
        return wav

    def decode(self, codes: Tensor) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(self._change(codes[0, 0].numpy())))[None, None]


def _dull(wav: Wav) -> Wav:
    return np.convolve(wav, np.ones(8) / 8, "same").astype(np.float32)


def _measured(change: Any, recordings: list[Recording], config: CodecConfig = TINY.codec) -> dict[str, Any]:
    found = codec_figures.measure_codec(cast(Encodec, Echo(config, change)), recordings, 99)
    return {figure.name: figure for figure in found}


def _noises(count: int = 4) -> list[Recording]:
    made = strikes("knock", range(count), "held_out")
    rng = np.random.default_rng(0)
    for each in made:
        each.__dict__["wav"] = 0.1 * rng.standard_normal(RATE).astype(np.float32)
    return made


def test_a_codec_that_changes_nothing_is_off_by_nothing() -> None:
    found = _measured(lambda wav: wav, _noises())
    for name in ("codec-flatness", "codec-high-band"):
        assert found[name].value.value == pytest.approx(0, abs=1e-6) and found[name].is_met
    assert found["codec-mel"].value.value == pytest.approx(0, abs=1e-6) and found["codec-mel"].is_met
    assert found["codec-mel"].details["Opus"] > 0


def test_a_dull_codec_misses() -> None:
    found = _measured(_dull, _noises())
    assert found["codec-flatness"].is_met is False and found["codec-high-band"].is_met is False
    assert found["codec-high-band"].details["ratio"] < 0.5
    assert found["codec-mel"].details["codec"] > 0.1


def test_without_libopus_the_figure_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec_figures, "has_opus", lambda: False)
    found = _measured(lambda wav: wav, _noises(2))
    assert found["codec-mel"].value is None and "libopus" in found["codec-mel"].not_measured


@pytest.mark.skipif(not has_opus(), reason="this build of PyAV has no libopus")
@pytest.mark.parametrize("rate", [16000, 48000])
def test_opus_gives_back_the_same_moments(rate: int) -> None:
    wav = resample(placed(1.2, [0.3, 0.8], strike(1, frequency_hz=400)), RATE, rate)
    heard = through_opus(wav, rate)
    assert heard.shape == wav.shape
    assert stft_distance(heard, wav) < stft_distance(np.zeros_like(wav), wav)
    better = through_opus(wav, rate, bit_rate=64000)
    assert better.shape == wav.shape and np.corrcoef(better, wav)[0, 1] > 0.95  # to the sample
    assert stft_distance(better, wav) < stft_distance(heard, wav)


def test_flatness_and_high_band_are_those_of_noise_and_of_a_tone() -> None:
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(RATE).astype(np.float32)
    tone = np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE).astype(np.float32)
    assert flatness(noise, RATE) == pytest.approx(np.exp(-np.euler_gamma), abs=0.02)  # of |X|^2, exponential
    assert flatness(tone, RATE) < 0.05
    assert high_band_share(noise, RATE) == pytest.approx(0.34, abs=0.02)  # 4 to 6.72 of 8 kHz
    assert high_band_share(tone, RATE) < 1e-3


def _wide_recordings(folder: Path) -> list[Recording]:
    """Files of 48 kHz with sound up to 24 kHz."""
    made = []
    for number, recording in enumerate(strikes("knock", range(3), "held_out")):
        path = folder / f"{number}.wav"
        rng = np.random.default_rng(number)
        soundfile.write(path, 0.1 * rng.standard_normal(48000), 48000)
        made.append(dataclasses.replace(recording, path=path, sample_rate=48000))
    return made


def test_a_wide_codec_beats_plain_resampling_and_a_telephone_does_not(tmp_path: Path) -> None:
    recordings = _wide_recordings(tmp_path)

    def telephone(wav: Wav) -> Wav:
        return resample(resample(wav, 48000, 16000), 16000, 48000)[: wav.size]

    wide = _measured(lambda wav: wav, recordings, WIDE)["codec-full-band"]
    narrow = _measured(telephone, recordings, WIDE)["codec-full-band"]
    assert wide.value.value < 0.05 and wide.is_met
    assert narrow.value.value == pytest.approx(1, abs=0.02) and narrow.is_met is False


def test_the_distance_above_counts_that_band_alone() -> None:
    rng = np.random.default_rng(0)
    wide = 0.1 * rng.standard_normal(48000).astype(np.float32)
    narrow = resample(resample(wide, 48000, 16000), 16000, 48000)[:48000]
    assert distance_above(wide, wide, 48000, 8000) == 0
    assert distance_above(narrow, wide, 48000, 8000) > 20
    assert distance_above(narrow, wide, 48000, 100) < distance_above(narrow, wide, 48000, 8000)


def _hits_through(change: Any, library: RecordingLibrary) -> Any:
    return hits_through(cast(Encodec, Echo(TINY.codec, change)), library, scenes=3)


def test_hits_come_through_a_codec_that_changes_nothing(library: RecordingLibrary) -> None:
    found = _hits_through(lambda wav: wav, library)
    assert found.is_met and found.value.value == found.details["before it"] > 0.95


def test_hits_that_a_codec_smears_or_drops_are_missed(library: RecordingLibrary) -> None:
    late = _hits_through(lambda wav: np.roll(wav, RATE // 25), library)
    assert late.details["late by, median ms"] == pytest.approx(40, abs=5)
    mute = _hits_through(np.zeros_like, library)
    assert mute.is_met is False and mute.value.value == 0 and mute.details["before it"] > 0.95


def test_without_held_out_hits_the_figure_says_so() -> None:
    found = _hits_through(lambda wav: wav, RecordingLibrary(strikes("knock", range(2), "train")))
    assert found.value is None and "held-out" in found.not_measured


def test_the_shipped_decoder_goes_behind_the_encoder_of_a_run(tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "run", encodes=True)
    shipped = open_codec(tmp_path / "run")
    with torch.no_grad():
        for weight in shipped.decoder.parameters():
            weight.mul_(0.5)
    shipped.keep_for_decoding()
    opened = codec_as_shipped(tmp_path / "run", shipped)
    wav = torch.randn(1, 1, 3200)
    assert torch.equal(opened.decode(opened.encode(wav)), shipped.decode(opened.encode(wav)))


def test_another_codec_is_refused_and_a_decoder_alone_cannot_encode(tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "other", encodes=True, seed=1)
    write_tiny_model(tmp_path / "shipped")
    shipped = load_model(tmp_path / "shipped").codec
    with pytest.raises(CheckpointCorrupt, match="other codebooks"):
        codec_as_shipped(tmp_path / "other", shipped)
    with pytest.raises(CheckpointNotFound, match="only its codec's decoder"):
        codec_as_shipped(tmp_path / "shipped", None)
    write_tiny_model(
        tmp_path / "wide", encodes=True, codec=replace(TINY.codec, sample_rate=48000, strides=(4, 5, 6, 8))
    )
    assert read_model_folder(tmp_path / "wide").model.codec.frame_rate == 50
    with pytest.raises(CheckpointCorrupt, match="another shape"):
        codec_as_shipped(tmp_path / "wide", shipped)
