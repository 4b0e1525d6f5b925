"""The WAV writer, read back by libsndfile, by the standard library and by hand."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from foley_plugin.services.delivery.riff import BitDepth, WavFormat, encoded, wav_header, write_new_wav

from .riff_walk import chunks_of


def noise(num_samples: int, num_channels: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(-0.9, 0.9, (num_samples, num_channels)).astype(np.float32)


@pytest.mark.parametrize("bits", [16, 24, 32])
@pytest.mark.parametrize("num_channels", [1, 2])
def test_every_reader_finds_the_same_samples(tmp_path: Path, bits: BitDepth, num_channels: int) -> None:
    samples = noise(4801, num_channels)
    path = tmp_path / "a.wav"
    write_new_wav(
        path,
        WavFormat(48000, bits, num_channels),
        4801,
        [samples[:1000], samples[1000:]],
        bext=b"b" * 603,
        ixml=b"<a/>",
    )
    read, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == 48000 and read.shape == samples.shape
    step = {16: 3 / 2**16, 24: 1 / 2**23, 32: 0}[bits]
    assert np.abs(read - samples).max() <= step
    chunks = chunks_of(path)
    assert list(chunks) == ["JUNK", "bext", "fmt ", *(["fact"] if bits == 32 else []), "iXML", "data"]
    assert chunks["bext"] == b"b" * 603 and chunks["iXML"] == b"<a/>"
    if bits != 32:
        with wave.open(str(path)) as file:
            assert file.getparams()[:4] == (num_channels, bits // 8, 48000, 4801)
            assert file.readframes(4801) == chunks["data"]


def test_past_four_gigabytes_it_is_rf64() -> None:
    wav = WavFormat(48000, 24, 2)
    num_samples = 2**32 // 6 + 10
    header = wav_header(wav, num_samples)
    assert header[:4] == b"RF64" and header[4:8] == b"\xff" * 4 and header[12:16] == b"ds64"
    riff_bytes, data_bytes, told_samples = struct.unpack("<QQQ", header[20:44])
    assert data_bytes == num_samples * 6 and told_samples == num_samples
    assert riff_bytes == len(header) - 8 + data_bytes
    assert header[-8:] == b"data" + b"\xff" * 4
    largest = (2**32 - 1 - (len(header) - 8)) // 6
    assert wav_header(wav, largest)[:4] == b"RIFF"
    assert wav_header(wav, largest + 1)[:4] == b"RF64"


def test_an_rf64_file_is_read_by_others(tmp_path: Path) -> None:
    samples = noise(999, 1)
    path = tmp_path / "long.wav"
    header = wav_header(WavFormat(48000, 24, 1), 999, bext=bytes(602), largest_riff=1000)
    data = encoded(samples, 24, np.random.default_rng(0))
    path.write_bytes(header + data + bytes(len(data) % 2))
    assert soundfile.info(path).format == "RF64"
    read, _ = soundfile.read(path, dtype="float32", always_2d=True)
    assert np.abs(read - samples).max() <= 1 / 2**23
    assert list(chunks_of(path)) == ["ds64", "bext", "fmt ", "data"]


def test_what_is_past_full_scale_is_held_and_silence_stays_silence() -> None:
    dither = np.random.default_rng(0)
    loud = np.array([[2.0], [-2.0]], np.float32)
    assert np.frombuffer(encoded(loud, 16, dither), "<i2").tolist() == [32767, -32768]
    assert encoded(loud, 24, dither) == b"\xff\xff\x7f\x00\x00\x80"
    assert encoded(np.zeros((4, 1), np.float32), 16, dither) == bytes(8)


def test_dither_turns_what_16_bits_cannot_hold_into_noise() -> None:
    quiet = np.full((48000, 1), 0.3 / 2**15, np.float32)
    steps = np.frombuffer(encoded(quiet, 16, np.random.default_rng(0)), "<i2")
    assert steps.mean() == pytest.approx(0.3, abs=0.02) and steps.std() > 0.5


def test_nothing_is_overwritten_and_a_failure_leaves_nothing(tmp_path: Path) -> None:
    wav = WavFormat(48000, 24, 1)
    (tmp_path / "mine.wav").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_new_wav(tmp_path / "mine.wav", wav, 0, [], bext=b"", ixml=b"")
    assert (tmp_path / "mine.wav").read_bytes() == b"mine"
    with pytest.raises(OSError, match="part"):
        write_new_wav(tmp_path / "short.wav", wav, 100, [noise(99, 1)], bext=b"", ixml=b"")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.wav"]
