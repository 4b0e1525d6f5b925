"""Reading a recordings folder: the split, and what is taken away below 60 Hz."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import MediaNotFound
from engine.training.recordings import high_passed, read_library

COLUMNS = "path,class,recording_id,author,licence,licence_text,source_repo"


def write_folder(folder: Path, counts: dict[str, int]) -> Path:
    rows = [COLUMNS]
    for label, count in counts.items():
        for number in range(count):
            name = f"{label}{number}.wav"
            soundfile.write(folder / name, np.full(800, 0.1), 8000)
            rows.append(f"{name},{label},{label}:{number},someone,cc0,CC0 1.0,here")
    (folder / "manifest.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def test_whole_recordings_are_held_out_only_where_a_class_has_four(tmp_path: Path) -> None:
    library = read_library(write_folder(tmp_path, {"bell": 3, "knock": 4, "rain": 10}))
    held_out = library.of_split("held_out")
    assert library.labels == ("bell", "knock", "rain")
    assert library.tested_labels == ("knock", "rain")
    assert sorted(r.label for r in held_out) == ["knock", "rain", "rain"]
    assert len(library.of_split("train")) == 14


def test_the_split_stays_when_a_class_grows(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "large").mkdir()
    small = read_library(write_folder(tmp_path / "small", {"knock": 10}))
    large = read_library(write_folder(tmp_path / "large", {"knock": 10, "rain": 5}))
    ids = [{r.recording_id for r in x.of_split("held_out") if r.label == "knock"} for x in (small, large)]
    assert ids[0] == ids[1]


def test_sound_is_read_at_the_librarys_rate(tmp_path: Path) -> None:
    library = read_library(write_folder(tmp_path, {"knock": 1}), sample_rate=16000)
    assert library.recordings[0].wav.shape == (1600,)
    assert library.recordings[0].wav.dtype == np.float32


def test_rumble_goes_and_a_tone_stays() -> None:
    time_s = np.arange(16000) / 16000
    rumble, tone = np.sin(2 * np.pi * 25 * time_s), np.sin(2 * np.pi * 400 * time_s)
    assert np.abs(high_passed(rumble.astype(np.float32), 16000)[2000:-2000]).max() < 0.05
    kept = high_passed(tone.astype(np.float32), 16000)[2000:-2000]
    assert np.allclose(kept, tone[2000:-2000], atol=0.02)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match="manifest"):
        read_library(tmp_path)
