"""A study on disk: every sound under its film, equally loud, and no name to be seen."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from engine.errors import FoleyError
from engine.evaluation.listening.making import equal_loudness_gains_db, make_study
from engine.evaluation.listening.study import StudyError, media_path, open_study
from engine.evaluation.listening.trials import SILENCE
from engine.evaluation.samples import System, sample_folder
from engine.media.audio import read_audio
from engine.media.loudness import integrated_loudness
from engine.media.video import probe
from tests.engine.evaluation.listening.small_study import (
    PITCH_HZ,
    pitch_hz,
    tone,
    write_films,
    write_samples,
)

NAMES = ("one", "two")


@pytest.fixture
def systems(tmp_path: Path) -> list[System]:
    """One loud, one hardly to be heard."""
    return [
        sample_folder(name, write_samples(tmp_path / name, name, NAMES, amplitude=amplitude))
        for name, amplitude in (("ours", 0.5), ("theirs", 0.02))
    ]


def test_each_medium_is_the_film_with_the_systems_sound_and_all_are_equally_loud(
    tmp_path: Path, systems: list[System]
) -> None:
    clips = write_films(tmp_path / "clips", NAMES)
    study = make_study(clips, systems, tmp_path / "study", num_catches=1)
    assert study == open_study(tmp_path / "study")
    assert (study.films, study.num_trials, study.left_out) == (["one", "two"], 2, {})
    loudness = []
    for medium in study.media:
        path = media_path(tmp_path / "study", medium.id)
        assert probe(path).duration_s == pytest.approx(0.8, abs=0.01)
        heard = read_audio(path, 48000)
        if medium.system == SILENCE:
            assert np.abs(heard).max() < 1e-3
        else:
            assert pitch_hz(heard) == pytest.approx(PITCH_HZ[medium.system], abs=5)
            loudness.append(integrated_loudness(heard))
    assert len(loudness) == 4 and max(loudness) - min(loudness) < 0.3
    assert len({medium.id for medium in study.media}) == 6
    files = [path.name for path in (tmp_path / "study" / "media").iterdir()]
    assert sorted(files) == sorted(f"{medium.id}.webm" for medium in study.media)


def test_a_films_own_sound_can_be_a_system(tmp_path: Path, systems: list[System]) -> None:
    clips = write_films(tmp_path / "clips", NAMES[:1])
    study = make_study(clips, [sample_folder("truth", clips), systems[0]], tmp_path / "study")
    heard = read_audio(media_path(tmp_path / "study", study.medium_id("one", "truth")), 48000)
    assert pitch_hz(heard) == pytest.approx(200, abs=5)


def test_films_without_a_sound_of_every_system_and_broken_ones_are_listed(
    tmp_path: Path, systems: list[System]
) -> None:
    clips = write_films(tmp_path / "clips", (*NAMES, "three"))
    (clips / "two.mp4").write_bytes(b"no film")
    study = make_study(clips, systems, tmp_path / "study")
    assert study.films == ["one"]
    assert "The samples of ours hold no three.wav" in study.left_out["three"]
    assert "cannot be read as media" in study.left_out["two"]


def test_the_same_command_goes_on_and_another_one_is_refused(tmp_path: Path, systems: list[System]) -> None:
    clips = write_films(tmp_path / "clips", NAMES[:1])
    made = make_study(clips, systems, tmp_path / "study", seed=3)
    assert make_study(clips, systems, tmp_path / "study", seed=3) == made
    with pytest.raises(StudyError, match="holds another study"):
        make_study(clips, systems, tmp_path / "study", seed=4)


def test_a_making_that_was_ended_begins_again(tmp_path: Path, systems: list[System]) -> None:
    clips = write_films(tmp_path / "clips", NAMES[:1])

    def killed(name: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_study(clips, systems, tmp_path / "study", on_film=killed)
    with pytest.raises(StudyError, match="no listening study"):
        open_study(tmp_path / "study")
    assert make_study(clips, systems, tmp_path / "study").films == ["one"]


def test_what_is_wrong_is_told_in_a_sentence(tmp_path: Path, systems: list[System]) -> None:
    clips = write_films(tmp_path / "clips", ("other",))
    wrong = [
        lambda: make_study(clips, systems, tmp_path / "s"),
        lambda: make_study(clips, systems[:1], tmp_path / "s"),
        lambda: make_study(tmp_path / "no clips", systems, tmp_path / "s"),
    ]
    for each in wrong:
        with pytest.raises(FoleyError) as error:
            each()
        assert re.search("[:;] ", error.value.sentence) and error.value.sentence.endswith(".")


def test_gains_bring_all_to_the_loudest_that_none_clips_at() -> None:
    click = np.zeros(48000, np.float32)
    click[1000:1100] = 0.9
    wavs = {
        "loud": np.asarray(tone(997, 1, 0.9), np.float32),
        "quiet": np.asarray(tone(997, 1, 0.001), np.float32),
        "click": click,
        "silent": np.zeros(48000, np.float32),
    }
    gains_db = equal_loudness_gains_db(wavs)
    assert gains_db.pop("silent") is None
    scaled = {name: wavs[name] * 10 ** ((db or 0) / 20) for name, db in gains_db.items()}
    levels = {name: integrated_loudness(wav) for name, wav in scaled.items()}
    assert max(levels.values()) - min(levels.values()) < 1e-3
    assert max(np.abs(wav).max() for wav in scaled.values()) == pytest.approx(10 ** (-1 / 20), rel=1e-4)
    del wavs["click"]
    assert integrated_loudness(wavs["quiet"] * 10 ** (equal_loudness_gains_db(wavs)["quiet"] / 20)) == (  # type: ignore[operator]
        pytest.approx(-20, abs=1e-3)
    )
