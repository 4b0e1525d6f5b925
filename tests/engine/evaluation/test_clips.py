"""Test clips as they are found and read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import MediaError, MediaNotFound
from engine.evaluation.clips import BrokenTruth, Sound, find_films, read_clip, read_sound
from engine.evaluation.matching import onset_f1, times_of
from engine.media.audio import write_wav
from engine.protocol import Hit
from tests.engine.evaluation.films import write_film
from tests.engine.training.synthetic import ping, placed


def test_hits_come_from_the_file_beside_the_film_or_from_its_own_sound(tmp_path: Path) -> None:
    told = read_clip(write_film(tmp_path / "told.mp4", [0.4, 1.2]))
    assert (told.hits_from, told.label, times_of(told.hits)) == ("file", "knock", [0.4, 1.2])
    heard = read_clip(write_film(tmp_path / "heard.mp4", [0.4, 1.2], with_truth=False))
    assert (heard.hits_from, heard.label) == ("sound", None)
    assert onset_f1(times_of(heard.hits), [0.4, 1.2], 0.02) == 1.0
    assert heard.duration_s == pytest.approx(2.0, abs=0.02)
    assert (float(heard.film.frame_rate), heard.film.width) == (25.0, 64)


def test_a_json_without_hits_leaves_them_to_the_sound(tmp_path: Path) -> None:
    film = write_film(tmp_path / "x.mp4", [0.5], with_truth=False)
    film.with_suffix(".json").write_text('{"label": "rain"}')
    clip = read_clip(film)
    assert (clip.label, clip.hits_from, len(clip.hits)) == ("rain", "sound", 1)
    film.with_suffix(".json").write_text('{"hits": []}')
    assert (read_clip(film).hits_from, read_clip(film).hits) == ("file", ())


@pytest.mark.parametrize("text", ["{", '{"hits": [{"strength": 1}]}', '{"hits": "none"}', "[]"])
def test_a_broken_json_is_said_to_be_broken(tmp_path: Path, text: str) -> None:
    film = write_film(tmp_path / "x.mp4", [0.5], with_truth=False)
    film.with_suffix(".json").write_text(text)
    with pytest.raises(BrokenTruth, match=r"x\.json is not of the form"):
        read_clip(film)


def test_cutting_takes_hits_and_sound_alike(tmp_path: Path) -> None:
    clip = read_clip(write_film(tmp_path / "x.mp4", [0.4, 1.2]))
    assert clip.cut(16000).hits == (Hit(0.4, 0.8),)
    assert clip.cut(16000).duration_s == 1.0
    assert clip.cut(10**6) is clip


def test_derived_values_are_computed_once() -> None:
    sound, calls = Sound(np.zeros(16000, np.float32)), []
    assert [sound.once("x", lambda: calls.append(1) or 7) for _ in range(3)] == [7, 7, 7]
    assert calls == [1]


def test_folders_without_films_and_films_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match="is not there"):
        find_films(tmp_path / "none")
    with pytest.raises(MediaNotFound, match="holds no film"):
        find_films(tmp_path)
    for name in ("b.MOV", "a.mp4", ".hidden.mp4", "a.json"):
        (tmp_path / name).touch()
    assert [film.name for film in find_films(tmp_path)] == ["a.mp4", "b.MOV"]
    (tmp_path / "a.mkv").touch()
    with pytest.raises(MediaNotFound, match="called a"):
        find_films(tmp_path)


def test_a_sound_too_short_to_have_an_onset_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "short.wav", np.zeros(1000), 16000)
    with pytest.raises(MediaError, match="too short"):
        read_sound(tmp_path / "short.wav")
    write_wav(tmp_path / "long.wav", placed(1.0, [0.5], ping()), 16000)
    assert read_sound(tmp_path / "long.wav").duration_s == 1.0
