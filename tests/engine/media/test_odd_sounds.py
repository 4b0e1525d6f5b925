"""Sounds that are heard although something beside them, or in the middle of them, is not as usual."""

from __future__ import annotations

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
from tests.engine.media.odd_sounds import RATE, that_changes, with_cover, with_unknown_sound


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
