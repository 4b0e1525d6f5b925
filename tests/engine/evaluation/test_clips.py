"""Test clips as they are found and read."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from engine.errors import MediaError, MediaNotFound
from engine.evaluation.clips import BrokenTruth, Sound, find_films, read_clip, read_sound, read_truth
from engine.media.audio import write_wav
from engine.media.matching import onset_f1, times_of
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


def film_with_sound_from(path: Path, start_s: float) -> Path:
    """Still frames for 2 s; a strike half a second into a sound that begins at `start_s` of the picture."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("pcm_s16le", rate=16000, layout="mono")
        for index in range(50):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        pcm = np.round(32000 * placed(1.2, [0.5], ping())).astype(np.int16)
        sound = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        sound.sample_rate, sound.pts, sound.time_base = 16000, round(start_s * 16000), Fraction(1, 16000)
        container.mux(audio.encode(sound))
        container.mux(audio.encode(None))
    return path


@pytest.mark.parametrize("start_s", [0.0, 0.3])
@pytest.mark.parametrize("suffix", [".mkv", ".mov"])
def test_sound_that_begins_after_the_picture_stays_where_it_is(
    tmp_path: Path, suffix: str, start_s: float
) -> None:
    clip = read_clip(film_with_sound_from(tmp_path / f"x{suffix}", start_s))
    assert times_of(clip.hits) == [pytest.approx(start_s + 0.5, abs=0.004)]


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


@pytest.mark.parametrize(
    "hit", ['"time_s": 1.0, "strength": 5', '"time_s": -3.0', '"time_s": 1, "strength": -1']
)
def test_a_hit_that_cannot_be_is_said_to_be_broken(tmp_path: Path, hit: str) -> None:
    truth = tmp_path / "x.json"
    truth.write_text(f'{{"hits": [{{"time_s": 0.5}}, {{{hit}}}]}}')
    with pytest.raises(BrokenTruth, match=r"x\.json has a hit at .*strengths go from 0 to 1"):
        read_truth(truth)
