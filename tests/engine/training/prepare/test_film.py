"""One film: what is made of it is what its sound and its pictures are, computed directly."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.errors import FoleyError
from engine.media.audio import read_audio
from engine.media.intensity import intensity_curve
from engine.media.onsets import detect_onsets
from engine.media.video import FrameRequest, sample_picture
from engine.protocol import Picture, Span, rational
from engine.training.prepare.film import make_clip
from engine.training.prepare.tools import Tools
from tests.engine.training.prepare.films import write_film, write_tools, write_truth
from tests.engine.training.synthetic import ping, placed


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    preparation = write_tools(tmp_path_factory.mktemp("tools"))
    return Tools.open(preparation.codec, preparation.encoder, "cpu")


def features_at(film: Path, times_s: NDArray[np.float64], tools: Tools) -> NDArray[np.float32]:
    """Picture by picture, each from a decoding of its own."""
    size = tools.encoder.describe().image_size
    rows = []
    for time_s in times_s:
        span = Span(rational(Fraction(1)), rational(Fraction(float(time_s))), (0, 1))
        [picture] = sample_picture(Picture(str(film), [span]), [FrameRequest([0.0], size, size, "rgb24")])
        rows.append(tools.encoder.encode(picture[:, None])[0].numpy())
    return np.stack(rows)


def codes_of(wav: NDArray[np.float32], tools: Tools) -> NDArray[np.int64]:
    with torch.inference_mode():
        return np.asarray(tools.codec.encode(torch.from_numpy(wav.copy())[None, None])[0])


def test_a_film_becomes_its_sounds_tokens_and_its_pictures_features(tmp_path: Path, tools: Tools) -> None:
    film = write_film(tmp_path / "a.mkv", duration_s=2.25, hits_s=(0.5, 1.4))
    made = make_clip(film, tools, features_per_s=2)
    [piece] = made.pieces
    wav = read_audio(film, 16000)[: 112 * 320]
    assert made.hits_from == "sound" and piece.start_s == 0.0
    np.testing.assert_array_equal(piece.clip.codes, codes_of(wav, tools))
    assert piece.clip.codes.dtype == np.int16 and piece.clip.codes.shape == (4, 112)
    np.testing.assert_allclose(
        piece.clip.features, features_at(film, np.arange(5) / 2, tools), rtol=1e-4, atol=1e-5
    )
    assert np.abs(np.diff(piece.clip.features, axis=0)).max(axis=1).min() > 1e-3, (
        "pictures tell moments apart"
    )
    np.testing.assert_array_equal(piece.clip.curve, intensity_curve(read_audio(film, 16000), 16000)[:112])
    assert piece.clip.hits == detect_onsets(read_audio(film, 16000), 16000)
    assert [hit.time_s for hit in piece.clip.hits] == pytest.approx([0.5, 1.4], abs=0.01)


def test_a_long_film_is_cut_into_pieces_of_ten_seconds_that_know_where_they_start(
    tmp_path: Path, tools: Tools
) -> None:
    film = write_film(tmp_path / "long.mkv", duration_s=22.5, hits_s=(1.0, 9.9, 10.1, 14.0, 21.0))
    made = make_clip(film, tools, features_per_s=1)
    wav = read_audio(film, 16000)
    assert [piece.start_s for piece in made.pieces] == [0.0, 10.0, 20.0]
    assert [piece.clip.codes.shape[1] for piece in made.pieces] == [500, 500, 125]
    assert [piece.clip.features.shape[0] for piece in made.pieces] == [10, 10, 3]
    hits = [[hit.time_s for hit in piece.clip.hits] for piece in made.pieces]
    assert hits[0] == pytest.approx([1.0, 9.9], abs=0.01)
    assert hits[1] == pytest.approx([0.1, 4.0], abs=0.01), "the cut itself is no onset"
    second = made.pieces[1].clip
    np.testing.assert_array_equal(second.codes, codes_of(wav[160000:320000], tools))
    np.testing.assert_allclose(
        second.features, features_at(film, 10.0 + np.arange(10), tools), rtol=1e-4, atol=1e-5
    )


def test_a_rest_too_short_to_learn_from_and_a_silent_piece_are_left_out(tmp_path: Path, tools: Tools) -> None:
    wav = placed(20.9, [10.5], ping())
    film = write_film(tmp_path / "quiet.mkv", duration_s=20.9, wav=wav)
    assert [piece.start_s for piece in make_clip(film, tools, 1).pieces] == [10.0]


def test_a_sound_that_starts_after_the_picture_stays_where_it_is(tmp_path: Path, tools: Tools) -> None:
    film = write_film(tmp_path / "late.mkv", duration_s=3.0, hits_s=(0.7, 1.5), sound_late_s=0.5)
    [piece] = make_clip(film, tools, features_per_s=2).pieces
    assert piece.start_s == pytest.approx(0.5, abs=0.002)
    assert [hit.time_s for hit in piece.clip.hits] == pytest.approx([0.7, 1.5], abs=0.01)
    expected = features_at(film, 0.5 + np.arange(len(piece.clip.features)) / 2, tools)
    np.testing.assert_allclose(piece.clip.features, expected, rtol=1e-4, atol=1e-5)
    assert piece.clip.codes.shape[1] == pytest.approx(2.5 * 50, abs=1), "neither end is padded"


def test_a_truth_beside_the_film_wins_over_what_is_heard(tmp_path: Path, tools: Tools) -> None:
    film = write_film(tmp_path / "late.mkv", duration_s=3.0, hits_s=(0.7,), sound_late_s=0.5)
    write_truth(film, [2.0, 1.25, 0.25], "knock")
    made = make_clip(film, tools, features_per_s=1)
    assert made.hits_from == "file"
    # Of the picture's clock; what lies before the sound is gone.
    assert [hit.time_s for hit in made.pieces[0].clip.hits] == pytest.approx([0.75, 1.5], abs=0.002)
    assert {hit.strength for hit in made.pieces[0].clip.hits} == {0.75}


def test_a_truth_far_behind_the_films_end_is_refused(tmp_path: Path, tools: Tools) -> None:
    film = write_film(tmp_path / "a.mkv", duration_s=2.0)
    write_truth(film, [0.5, 1e9], "knock")
    with pytest.raises(FoleyError, match=r"has a hit at 1e\+09 s, but the film ends at 2\.00 s"):
        make_clip(film, tools, features_per_s=1)


def half_of(film: Path) -> None:
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])


def test_every_way_to_be_broken_is_a_sentence(tmp_path: Path, tools: Tools) -> None:
    broken: dict[str, Path] = {}
    broken["no sound"] = write_film(tmp_path / "mute.mkv", has_sound=False)
    broken["silent"] = write_film(tmp_path / "silent.mkv", hits_s=())
    broken["at least 1 s"] = write_film(tmp_path / "short.mkv", duration_s=0.75, hits_s=(0.2,))
    broken["cut short"] = write_film(tmp_path / "half.mkv", duration_s=4.0)
    half_of(broken["cut short"])
    broken["cannot be read as media"] = write_film(tmp_path / "half.mp4", duration_s=2.0)
    half_of(broken["cannot be read as media"])
    for name, content in (("empty.mp4", b""), ("noise.mp4", bytes(range(256)) * 40)):
        (tmp_path / name).write_bytes(content)
    for sentence, film in [
        *broken.items(),
        ("cannot be read", tmp_path / "empty.mp4"),
        ("cannot be read", tmp_path / "noise.mp4"),
        ("is not there", tmp_path / "gone.mp4"),
    ]:
        with pytest.raises(FoleyError, match=sentence):
            make_clip(film, tools, 2)


def test_a_sound_file_has_no_picture(tmp_path: Path, tools: Tools) -> None:
    from engine.media.audio import write_wav

    write_wav(tmp_path / "sound.wav", placed(2.0, [0.5], ping()), 16000)
    with pytest.raises(FoleyError, match="has no picture"):
        make_clip(tmp_path / "sound.wav", tools, 2)
