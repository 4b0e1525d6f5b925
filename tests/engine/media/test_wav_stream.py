"""A stream gives what the whole gives: the same samples, the same bytes; and it stays small."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import OutputError
from engine.media import wav_stream
from engine.media.atomic import write_new_file_in_pieces
from engine.media.audio import encode_wav, read_audio, resample
from engine.media.wav_stream import Wav, cut, held, peak_of, resampled, wav_pieces


def noise(num_samples: int, seed: int = 0) -> Wav:
    return np.random.default_rng(seed).uniform(-0.7, 0.7, num_samples).astype(np.float32)


def blocks_of(wav: Wav, *lengths: int) -> Iterator[Wav]:
    """`wav` in blocks of these lengths, then of the last one again and again."""
    at, turn = 0, 0
    while at < len(wav):
        length = lengths[min(turn, len(lengths) - 1)]
        yield wav[at : at + length]
        at, turn = at + length, turn + 1


def whole(blocks: Iterable[Wav]) -> Wav:
    return np.concatenate([np.zeros(0, np.float32), *blocks])


@pytest.mark.parametrize("to_rate", [48000, 44100, 16000, 22050, 8000])
@pytest.mark.parametrize("num_samples", [1, 319, 16001, 487 * 331])
def test_a_resampled_stream_is_the_whole_resampled_bit_for_bit(to_rate: int, num_samples: int) -> None:
    wav = noise(num_samples)
    expected = resample(wav, 16000, to_rate)
    for lengths in [(num_samples,), (7001,), (1, 31, 160000)]:
        found = whole(resampled(blocks_of(wav, *lengths), 16000, to_rate))
        np.testing.assert_array_equal(found, expected)


def test_a_cut_stream_ends_where_it_should_and_asks_for_no_more() -> None:
    wav, asked = noise(1000), []

    def asking() -> Iterator[Wav]:
        for block in blocks_of(wav, 300):
            asked.append(len(block))
            yield block

    for length in (0, 1, 299, 300, 301, 999, 1000):
        np.testing.assert_array_equal(whole(cut(blocks_of(wav, 300), length)), wav[:length])
    assert len(whole(cut(asking(), 350))) == 350 and len(asked) <= 3
    with pytest.raises(ValueError, match="1 of 1001 samples short"):
        whole(cut(blocks_of(wav, 300), 1001))


@pytest.mark.parametrize(
    "num_samples", [0, 1, 2, 1001, wav_stream.BLOCK_SAMPLES + 1, 2 * wav_stream.BLOCK_SAMPLES]
)
def test_the_pieces_of_a_wav_are_the_bytes_of_the_whole(num_samples: int, tmp_path: Path) -> None:
    wav = 2 * noise(num_samples)  # beyond -1 to 1: clipped in both
    content = b"".join(wav_pieces(blocks_of(wav, 1000, 300001), num_samples, 44100))
    assert content == encode_wav(wav, 44100)
    path = tmp_path / "a.wav"
    assert (
        write_new_file_in_pieces(path, [content[:50], b"", content[50:]])
        == hashlib.sha256(content).hexdigest()
    )
    assert path.read_bytes() == content
    with pytest.raises(OutputError, match="is there already"):
        write_new_file_in_pieces(path, [b"other"])
    assert path.read_bytes() == content and list(tmp_path.iterdir()) == [path]


def test_a_wav_of_another_length_or_without_sound_is_no_file(tmp_path: Path) -> None:
    for wav, match in [
        (noise(99), "99 came"),
        (noise(101), "101 came"),
        (np.full(100, np.nan, np.float32), "finite"),
    ]:
        with pytest.raises(ValueError, match=match):
            write_new_file_in_pieces(tmp_path / "a.wav", wav_pieces([wav], 100, 48000))
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kept_bytes", [1, 1 << 30])
def test_a_held_sound_is_heard_again_scaled_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_bytes: int
) -> None:
    monkeypatch.setattr(wav_stream, "HELD_IN_MEMORY_BYTES", kept_bytes)
    monkeypatch.setattr(wav_stream, "BLOCK_SAMPLES", 1000)
    wav = noise(12345)
    wav[777] = -0.9
    for ceiling in (1.0, 0.3):
        gain = np.float32(min(1.0, ceiling / peak_of(wav)))
        with held(blocks_of(wav, 5000), 48000, ceiling=ceiling, folder=tmp_path) as sound:
            assert sound.num_samples == 12345 and sound.peak == peak_of(wav * gain)
            next(sound.blocks())
            for _ in range(2):
                np.testing.assert_array_equal(whole(sound.blocks()), wav * gain)
            assert b"".join(sound.wav_pieces()) == encode_wav(wav * gain, 48000)
    assert list(tmp_path.iterdir()) == []
    with held([wav], 48000, ceiling=1.0, folder=tmp_path / "not there") as sound:
        np.testing.assert_array_equal(whole(sound.blocks()), wav)


def test_where_a_long_sound_has_no_room_to_wait_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(wav_stream, "HELD_IN_MEMORY_BYTES", 1)
    monkeypatch.setattr(wav_stream.tempfile, "TemporaryFile", full)
    waiting = held([noise(10)], 48000, ceiling=1.0, folder=tmp_path)
    with pytest.raises(OutputError, match="no space left on device"), waiting:
        pass


def test_memory_does_not_grow_with_the_sound(tmp_path: Path) -> None:
    """Ten minutes as a take makes them; every array and every piece is a few seconds at most."""
    longest = 0

    def watched(blocks: Iterable[Wav]) -> Iterator[Wav]:
        nonlocal longest
        for block in blocks:
            longest = max(longest, len(block))
            yield block

    second = noise(16000)
    decoded = (second for _ in range(600))
    num_samples = 600 * 48000
    blocks = watched(cut(resampled(decoded, 16000, 48000), num_samples))
    with held(blocks, 48000, ceiling=0.5, folder=tmp_path) as sound:
        pieces = wav_pieces(watched(sound.blocks()), sound.num_samples, 48000)
        write_new_file_in_pieces(tmp_path / "a.wav", pieces)
    assert longest <= 6 * 48000
    found = read_audio(tmp_path / "a.wav")
    expected = resample(np.tile(second, 600), 16000, 48000)
    expected *= 0.5 / peak_of(expected)
    assert len(found) == num_samples
    np.testing.assert_allclose(found[-96000:], expected[-96000:], atol=2**-23)
