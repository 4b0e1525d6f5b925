"""Sound in and out: exact samples, whole files or none."""

from __future__ import annotations

import errno
import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Self

import av
import numpy as np
import pytest
import soundfile

from engine.errors import MediaNotFound, MediaUnreadable, OutputError
from engine.media import atomic
from engine.media.audio import read_audio, resample, write_wav
from engine.media.movie import write_frames_as_movie, write_movie
from tests.engine.media.numbered_video import numbered_pixels, numbers_shown, picture_of, write_numbered


def tone(num_samples: int, sample_rate: int) -> np.ndarray:
    return np.sin(np.arange(num_samples) * 2 * np.pi * 440 / sample_rate).astype(np.float32) / 2


def test_a_wav_keeps_its_samples_to_24_bits(tmp_path: Path) -> None:
    wav = tone(4801, 48000)
    digest = write_wav(tmp_path / "a.wav", wav, 48000)
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.frames, info.samplerate, info.channels, info.subtype) == (4801, 48000, 1, "PCM_24")
    assert np.abs(read_audio(tmp_path / "a.wav", 48000) - wav).max() <= 2**-23
    assert digest == hashlib.sha256((tmp_path / "a.wav").read_bytes()).hexdigest()


def test_the_same_samples_give_the_same_bytes_and_loud_ones_are_clipped(tmp_path: Path) -> None:
    wav = 4 * tone(1000, 48000)
    first, second = (write_wav(tmp_path / name, wav, 48000) for name in ("a.wav", "b.wav"))
    assert first == second
    assert 0.999 < np.abs(read_audio(tmp_path / "a.wav", 48000)).max() <= 1.0


def test_an_existing_file_is_refused_and_kept(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    target.write_bytes(b"mine")
    with pytest.raises(OutputError, match="is there already"):
        write_wav(target, tone(100, 48000), 48000)
    assert target.read_bytes() == b"mine" and list(tmp_path.iterdir()) == [target]


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk:
        def __init__(self, path: Path, mode: str) -> None:
            path.write_bytes(b"RIFF")

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def write(self, content: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic, "open", FullDisk, raising=False)
    with pytest.raises(OutputError, match="no space left on device"):
        write_wav(tmp_path / "a.wav", tone(1000, 48000), 48000)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="could not be written"):
        write_wav(tmp_path / "nowhere" / "a.wav", tone(10, 48000), 48000)


def test_resampling_keeps_length_level_and_time() -> None:
    click = np.zeros(16000, np.float32)
    click[8000] = 1.0
    up = resample(click, 16000, 48000)
    assert len(up) == 48000 and abs(int(np.argmax(np.abs(up))) - 24000) <= 1
    steady = resample(tone(16000, 16000), 16000, 48000)
    assert abs(np.abs(steady[10000:-10000]).max() - 0.5) < 0.005
    assert resample(click, 48000, 48000) is click


def test_a_film_carries_every_frame_and_its_sound_in_time(tmp_path: Path) -> None:
    rate = Fraction(24000, 1001)
    wav = np.zeros(48000 * 4, np.float32)
    wav[48000 * 2 :: 7] = 0.5  # noise from 2 s on
    frames = (numbered_pixels(i) for i in range(96))
    write_frames_as_movie(frames, wav, tmp_path / "a.mp4", frame_rate=rate)
    shown = numbers_shown(
        picture_of(tmp_path / "a.mp4", (96 / rate, Fraction(0), Fraction(1))),
        [float(i / rate) for i in range(96)],
    )
    assert shown == list(range(96))
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert {s.codec_context.name for s in container.streams} == {"h264", "aac"}
        assert container.streams.video[0].pix_fmt == "yuv420p"
    sound = read_audio(tmp_path / "a.mp4", 48000)
    start = int(np.argmax(np.abs(sound) > 0.1))
    assert abs(start - 96000) < 480
    assert abs(len(sound) - len(wav)) < 2048


def test_a_film_of_pictures_plays_them_end_to_end(tmp_path: Path) -> None:
    source = write_numbered(tmp_path / "source.mp4", 100, Fraction(25))
    second = Fraction(1)
    pictures = [
        picture_of(source, (Fraction(2), 2 * second, second)),
        picture_of(source, (second / 2, second, -second)),
    ]
    out = tmp_path / "film.mp4"
    write_movie(pictures, np.zeros(120000), out, width=192, height=64, frame_rate=Fraction(25))
    expected = [*range(50, 100), *range(24, 12, -1)]
    film = picture_of(out, (Fraction(62, 25), Fraction(0), second))
    assert numbers_shown(film, [i / 25 for i in range(62)]) == expected
    with pytest.raises(OutputError, match="is there already"):
        write_movie(pictures, np.zeros(120000), out, width=192, height=64, frame_rate=Fraction(25))


def test_sound_that_is_missing_or_none_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match=r"gone\.wav"):
        read_audio(tmp_path / "gone.wav", 48000)
    silent = write_numbered(tmp_path / "a.mp4", 5, Fraction(25))
    with pytest.raises(MediaUnreadable, match="has no sound"):
        read_audio(silent, 48000)
    (tmp_path / "b.wav").write_text("no sound")
    with pytest.raises(MediaUnreadable):
        read_audio(tmp_path / "b.wav", 48000)
