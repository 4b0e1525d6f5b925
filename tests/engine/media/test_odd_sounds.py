"""Sounds that are heard although something beside them, or in the middle of them, is not as usual."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import MediaUnreadable
from engine.guide import guide_hits
from engine.media.audio import read_film_sound
from engine.media.hearing import SoundReader
from engine.media.sound_range import has_sound, read_sound_range
from engine.media.video import probe
from engine.protocol import Picture, Span
from tests.engine.media.odd_sounds import RATE, that_changes, with_channels, with_cover, with_unknown_sound


def is_heard(wav: np.ndarray) -> bool:
    """Whether the tone is there all the time; two equal channels may come out 3 dB louder as one."""
    parts = np.array_split(wav, 20)
    return all(0.19 < np.sqrt(np.mean(np.square(part))) < 0.32 for part in parts)


def test_a_sound_beside_one_that_nobody_knows_is_heard(tmp_path: Path) -> None:
    film = with_unknown_sound(tmp_path / "phone.mov", "stereo", "mono")
    assert is_heard(SoundReader().read(film, 0, RATE, RATE))
    assert is_heard(read_sound_range(film, 0.5, 1.0)[0])
    assert is_heard(read_film_sound(film).wav)


def test_a_film_whose_only_sound_nobody_knows_is_one_without(tmp_path: Path) -> None:
    film = with_unknown_sound(tmp_path / "phone.mov", "mono")
    assert not has_sound(film) and not probe(film).has_audio
    assert guide_hits(Picture(str(film), [Span((2, 1), (0, 1))])) == []
    for read in (lambda: SoundReader().read(film, 0, RATE, RATE), lambda: read_film_sound(film)):
        with pytest.raises(MediaUnreadable, match="of a kind that is not supported"):
            read()


def test_music_with_a_cover_is_heard(tmp_path: Path) -> None:
    music = with_cover(tmp_path / "music.flac")
    assert is_heard(SoundReader().read(music, 0, RATE, RATE))


@pytest.mark.parametrize(("layout", "rate"), [("stereo", RATE), ("mono", 44100)])
def test_recordings_that_were_joined_are_heard_to_their_end(tmp_path: Path, layout: str, rate: int) -> None:
    film = that_changes(tmp_path, layout, rate)
    second_half = SoundReader().read(film, round(2.5 * RATE), RATE, RATE)
    assert is_heard(second_half[:, 0])
    assert is_heard(read_sound_range(film, 2.5, 1.0)[0])
    assert len(read_film_sound(film).wav) == pytest.approx(4 * RATE, rel=0.02)
    assert all(hit.time_s < 0.2 or abs(hit.time_s - 2) < 0.2 for hit in guide_hits(whole(film)))


def whole(film: Path) -> Picture:
    return Picture(str(film), [Span((4, 1), (0, 1))])


@pytest.mark.parametrize(
    ("layout", "codec"),
    [("7.1", "pcm_s16le"), ("7.1", "aac"), ("7.1", "flac"), ("hexadecagonal", "pcm_s16le")],
)
def test_sounds_of_eight_and_more_channels_are_heard(tmp_path: Path, layout: str, codec: str) -> None:
    """Read in a process of its own: what reads beyond a frame's planes may die of it."""
    film = with_channels(tmp_path / "many.mkv", layout, codec)
    num_samples = len(in_its_own_process(READ_FILM, film))
    assert num_samples == pytest.approx(2 * RATE, abs=4096)
    for read in READS:
        levels = [np.std(part) for part in np.split(np.array(in_its_own_process(read, film))[4800:38400], 7)]
        assert min(levels) > 0.15 and max(levels) < 1.05 * min(levels)


READ_FILM = "read_film_sound(film).wav[:96000]"
READS = (READ_FILM, "read_sound_range(film, 0.0, 1.0)[0]", "SoundReader().read(film, 0, 48000, 48000)[:, 0]")


def in_its_own_process(expression: str, film: Path) -> list[float]:
    program = f"""
import json, sys
from pathlib import Path
from engine.media.audio import read_film_sound
from engine.media.hearing import SoundReader
from engine.media.sound_range import read_sound_range
film = Path(sys.argv[1])
print(json.dumps(({expression}).tolist()))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, film], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    heard: list[float] = json.loads(done.stdout)
    return heard
