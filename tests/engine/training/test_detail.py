"""What teaches a codec of bands its detail: the loop, its rival, and the balance that it is held to."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.codec.bands import BandDecoder
from engine.codec.encodec import Encodec
from engine.errors import CheckpointCorrupt, RequestError
from engine.evaluation.quality.spectra import flatness, high_band_energy
from engine.training import default_model
from engine.training.band_codec import BandCodecSearch, find_codec
from engine.training.crops import CropConfig, tilted
from engine.training.detail import DetailTrainer, DetailTraining
from engine.training.magnitude_rival import MagnitudeRivals
from engine.training.prepare.tools import open_codec
from engine.training.recordings import RecordingLibrary
from engine.training.spectral import Balance
from engine.training.state import step_of
from tests.engine.models import OF_BANDS, WITH_DETAIL
from tests.engine.training.synthetic import at_rate, recordings

RATE = WITH_DETAIL.sample_rate
SEARCH = BandCodecSearch(num_crops=8, batch=4, crops=CropConfig(num_samples=23_040))
TRAINING = DetailTraining(
    steps=6,
    batch=2,
    crops=CropConfig(num_samples=15_360, tilted_share=0.5),
    rival_filters=2,
    rival_from=1,
    quiet_steps=2,
    ramp_steps=2,
    warmup_steps=2,
    log_every=2,
    checkpoint_every=2,
)


@pytest.fixture(scope="module")
def library() -> RecordingLibrary:
    return RecordingLibrary(at_rate(recordings(), RATE))


@pytest.fixture
def found(tmp_path: Path, library: RecordingLibrary) -> Path:
    find_codec(WITH_DETAIL, SEARCH, library, tmp_path / "codec", lambda line: None)
    return tmp_path


def detail_of(codec: Encodec) -> dict[str, torch.Tensor]:
    assert isinstance(codec.decoder, BandDecoder) and codec.decoder.detail is not None
    return codec.decoder.detail.state_dict()


def trainer_of(found: Path, library: RecordingLibrary, folder: Path, told: list[str]) -> DetailTrainer:
    codec = Encodec(WITH_DETAIL)
    codec.load_state_dict(open_codec(found / "codec").state_dict())
    return DetailTrainer(codec, TRAINING, library, folder, told.append)


def test_the_detail_alone_is_taught_and_its_rival_is_heard_after_a_while(
    found: Path, library: RecordingLibrary
) -> None:
    told: list[str] = []
    trainer = trainer_of(found, library, found / "decoder", told)
    before = {name: tensor.clone() for name, tensor in trainer.codec.state_dict().items()}
    trainer.run()
    changed = {
        name for name, each in trainer.codec.state_dict().items() if not torch.equal(each, before[name])
    }
    assert changed and all(name.startswith("decoder.detail.") for name in changed)
    assert "adversarial" not in told[0] and "adversarial" in told[-1]


def test_a_training_that_was_stopped_goes_on_bit_by_bit(found: Path, library: RecordingLibrary) -> None:
    whole = trainer_of(found, library, found / "whole", [])
    whole.run()
    part = trainer_of(found, library, found / "part", [])
    part.run(until=lambda: part.step >= 3)
    told: list[str] = []
    again = trainer_of(found, library, found / "part", told)
    again.run()
    assert told[0] == "resumed at step 3"
    for name, tensor in detail_of(whole.codec).items():
        assert torch.equal(tensor, detail_of(again.codec)[name]), name
    for name, tensor in whole.average.tensors.items():
        assert torch.equal(tensor, again.average.tensors[name]), name


def test_from_a_run_to_the_codec_that_is_packed(found: Path, library: RecordingLibrary) -> None:
    settings = {"steps": 3, "batch": 2, "rival_filters": 2, "crops.num_samples": 15_360}
    default_model.train_decoder(library, found, lambda line: None, settings)
    assert step_of(found / "decoder") == 3
    codec = open_codec(found / "codec")
    default_model.take_decoder(codec, found / "decoder")
    taught = open_codec(found / "decoder").state_dict()
    assert all(torch.equal(tensor, taught[name]) for name, tensor in codec.state_dict().items())
    assert float(detail_of(codec)["out.weight"].abs().max()) > 0
    other = Encodec(WITH_DETAIL)
    with pytest.raises(CheckpointCorrupt, match="taught for another codec"):
        default_model.take_decoder(other, found / "decoder")
    default_model.take_decoder(other, found / "nowhere")
    with pytest.raises(CheckpointCorrupt, match="taught for another codec"):
        DetailTrainer(other, TRAINING, library, found / "decoder", lambda line: None)


def test_a_codec_without_detail_is_refused(tmp_path: Path, library: RecordingLibrary) -> None:
    with pytest.raises(RequestError, match="has no detail to teach"):
        DetailTrainer(Encodec(OF_BANDS), TRAINING, library, tmp_path, lambda line: None)


def test_the_rivals_learn_to_tell_noise_from_tones_and_a_copy_is_at_no_distance() -> None:
    torch.manual_seed(0)
    rivals = MagnitudeRivals(4, (256, 128))
    optimizer = torch.optim.AdamW(rivals.parameters(), 3e-3)
    tones = torch.sin(torch.arange(4096) * torch.tensor([[0.1], [0.37]]))
    noise = 0.5 * torch.randn(2, 4096)
    first = rivals.loss(noise, tones).item()
    for _ in range(30):
        optimizer.zero_grad()
        rivals.loss(noise, tones).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert rivals.loss(noise, tones).item() < 0.3 * first
    (for_real, nothing), (for_noise, _) = rivals.says(tones, tones), rivals.says(noise, tones)
    assert nothing.item() == 0 and for_real.item() < for_noise.item()


def test_balance_is_what_the_codec_is_measured_by() -> None:
    rng = np.random.default_rng(0)
    hum = np.sin(np.arange(RATE) / 9) * np.exp(-np.arange(RATE) / 9000)
    real = (0.3 * hum + 0.02 * rng.standard_normal(RATE)).astype(np.float32)
    made = tilted(real, -3.0, RATE)
    flatter, brighter = Balance(RATE)(torch.from_numpy(made)[None], torch.from_numpy(real)[None])
    assert float(flatter[0]) == pytest.approx(
        math.log(flatness(made, RATE, real) / flatness(real, RATE, real)), abs=0.02
    )
    expected = math.log(high_band_energy(made, RATE) / high_band_energy(real, RATE))
    assert float(brighter[0]) == pytest.approx(expected, abs=0.02) and expected < -1


def test_a_tilt_falls_by_so_much_from_octave_to_octave() -> None:
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    power = np.abs(np.fft.rfft(tilted(noise, -6.0, RATE))) ** 2 / np.abs(np.fft.rfft(noise)) ** 2
    low, high = (10 * np.log10(power[hz]) for hz in (500, 4000))
    assert low - high == pytest.approx(18, abs=0.1)
    assert np.isfinite(power).all()
