"""Rendered scenes as films: what is on disk is what was drawn, and a broken run goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import RequestError
from engine.evaluation.clips import find_films, read_clip
from engine.evaluation.sync import draw_test_scenes
from engine.media.matching import onset_f1, times_of
from engine.training.recordings import RecordingLibrary
from engine.training.scene_films import SceneFilms, write_scene_films
from tests.engine.training.synthetic import recordings


@pytest.fixture
def library() -> RecordingLibrary:
    made = recordings()
    held_out = []
    for recording in made[:3]:
        copy = replace(recording, split="held_out")
        copy.__dict__["wav"] = recording.wav
        held_out.append(copy)
    return RecordingLibrary([*made, *held_out])


def test_a_test_film_sounds_at_the_hits_that_its_truth_names(
    tmp_path: Path, library: RecordingLibrary
) -> None:
    films = SceneFilms("test", duration_s=4.0, width=64, height=48)
    write_scene_films(tmp_path, library, 2, films)
    drawn = draw_test_scenes(library, 2, duration_s=4.0)
    for path, scene in zip(find_films(tmp_path), drawn, strict=True):
        clip = read_clip(path)
        assert clip.label == scene.spec.label
        assert [hit.time_s for hit in clip.hits] == [hit.time_s for hit in scene.spec.hits]
        assert abs(clip.duration_s - 4.0) < 0.11 and (clip.film.width, clip.film.height) == (64, 48)
        assert onset_f1(times_of(clip.sound.onsets()), times_of(clip.hits), 0.02) > 0.9


def test_films_to_train_on_may_keep_to_some_labels(tmp_path: Path, library: RecordingLibrary) -> None:
    films = SceneFilms("train", duration_s=2.0, width=32, height=24, labels=("rain", "impact_wood"))
    write_scene_films(tmp_path, library, 6, films)
    assert {read_clip(path).label for path in find_films(tmp_path)} <= {"rain", "impact_wood"}
    with pytest.raises(RequestError, match="sounds bassoon"):
        write_scene_films(tmp_path, library, 1, replace(films, labels=("bassoon",)))
    with pytest.raises(RequestError, match="even"):
        write_scene_films(tmp_path, library, 1, replace(films, width=33))


def test_a_broken_run_goes_on_and_leaves_whole_films_alone(tmp_path: Path, library: RecordingLibrary) -> None:
    films = SceneFilms("validation", duration_s=1.5, width=32, height=24)
    write_scene_films(tmp_path, library, 2, films)
    first, second = find_films(tmp_path)
    stamp, hits = first.stat().st_mtime_ns, read_clip(second).hits
    second.with_suffix(".json").unlink()
    second.write_bytes(b"half a film")
    write_scene_films(tmp_path, library, 3, films)
    assert first.stat().st_mtime_ns == stamp
    assert [read_clip(path).hits for path in find_films(tmp_path)][1] == hits
    assert len(find_films(tmp_path)) == 3
