"""A long take's sound is the whole take's sound, made a few seconds at a time, in memory that does not grow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.media.audio import encode_wav, resample
from engine.media.wav_stream import peak_of
from engine.pipeline import Pipeline, load_model
from engine.sounding import PEAK_CEILING
from tests.engine.models import TINY, write_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_tiny_model(folder)
    return folder


@pytest.fixture(scope="module")
def pipeline(model: Path) -> Pipeline:
    return Pipeline(load_model(model))


def codes_of(seconds: float) -> Tensor:
    frames = round(seconds * TINY.codec.frame_rate) + 4
    return torch.randint(
        TINY.codec.codebook_size, (4, frames), generator=torch.Generator().manual_seed(frames)
    )


@pytest.mark.parametrize("sample_rate", [48000, 44100, 16000])
@pytest.mark.parametrize("seconds", [0.3, 7.77, 23.4])
def test_a_takes_sound_is_the_whole_decoded_resampled_whole_and_cut(
    pipeline: Pipeline, seconds: float, sample_rate: int, tmp_path: Path
) -> None:
    codes, num_samples = codes_of(seconds), round(seconds * sample_rate)
    with torch.inference_mode():
        decoded = pipeline.model.codec.decode(codes[None])[0, 0].numpy()
    expected = resample(decoded, 16000, sample_rate)[:num_samples]
    expected = expected * min(1.0, PEAK_CEILING / peak_of(expected))
    found = pipeline.waveform(codes, num_samples, sample_rate)
    assert found.shape == (num_samples,)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    with pipeline.held(codes, num_samples, sample_rate, tmp_path) as sound:
        assert b"".join(sound.wav_pieces()) == encode_wav(found, sample_rate)
        assert sound.peak == peak_of(found) <= PEAK_CEILING + 1e-6


SHOW_GROWTH = """
import sys
from pathlib import Path
import torch
from engine.evaluation.speed_memory import peak_bytes
from engine.media.atomic import write_new_file_in_pieces
from engine.pipeline import Pipeline, load_model

torch.set_num_threads(1)
folder = Path(sys.argv[1])
pipeline = Pipeline(load_model(folder))
for seconds in (30, 330):
    codes = torch.zeros(4, 50 * seconds + 4, dtype=torch.long)
    path = folder / f"{seconds}.wav"
    with pipeline.held(codes, 48000 * seconds, 48000, folder) as sound:
        write_new_file_in_pieces(path, sound.wav_pieces())
    path.unlink()
    print(peak_bytes())
"""


def test_the_sound_of_five_more_minutes_takes_no_more_memory(model: Path) -> None:
    """In a process of its own, whose greatest memory the operating system tells."""
    words = [sys.executable, "-c", SHOW_GROWTH, str(model)]
    done = subprocess.run(words, capture_output=True, check=True, text=True)
    before, after = map(int, done.stdout.split())
    # Held whole at 48 kHz, five minutes are 58 MB.
    assert after - before < 10e6
