"""Films as recordings: what is heard of them, what is kept, what is passed over."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from engine.errors import MediaUnreadable, RequestError
from engine.training import film_recordings
from engine.training.codec import CodecTrainer, CodecTraining
from engine.training.crops import CropConfig, draw_crop, pooled
from engine.training.film_recordings import KEPT_STRETCHES, STRETCH_S, read_sounds
from engine.training.prepare.manifest import DataError
from engine.training.recordings import RecordingLibrary, high_passed
from tests.engine.models import TINY
from tests.engine.training.prepare.films import write_film
from tests.engine.training.synthetic import ping, placed
from tests.engine.training.test_recordings import write_folder

HEARD = CropConfig(num_samples=3840, recordings_share=1.0, silence_share=0.0, sparse_share=0.0)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def heard(path: Path) -> NDArray[np.float32]:
    (recording,) = read_sounds(path).recordings
    return recording.stretch(rng())


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    write_film(tmp_path / "knock" / "a.mp4", hits_s=(0.5,))
    write_film(tmp_path / "knock" / "b.mp4", hits_s=(0.8,))
    write_film(tmp_path / "rain" / "c.mp4", hits_s=(0.2, 0.9))
    return tmp_path


def test_the_sound_of_an_mp4_is_heard_where_it_lies(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4", hits_s=(0.5,))
    wav = heard(tmp_path)
    assert wav.dtype == np.float32 and wav.size == pytest.approx(1.5 * 16000, abs=2048)
    assert np.abs(wav).argmax() / 16000 == pytest.approx(0.5, abs=0.08)
    assert np.abs(wav[: 16000 // 3]).max() < 0.02 < 0.2 < np.abs(wav).max()


def test_sound_files_count_too_and_a_manifest_comes_first(tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    sound = placed(1.0, [0.3], ping())
    soundfile.write(tmp_path / "sounds" / "a.flac", sound, 16000)
    assert heard(tmp_path / "sounds") == pytest.approx(high_passed(sound, 16000), abs=1e-3)
    (tmp_path / "listed").mkdir()
    library = read_sounds(write_folder(tmp_path / "listed", {"knock": 2}))
    assert [recording.author for recording in library.recordings] == ["someone", "someone"]


def test_a_list_is_read_as_vggsounds(tmp_path: Path) -> None:
    write_film(tmp_path / "films" / "abc_000030.mp4", hits_s=(0.5,))
    (tmp_path / "list.csv").write_text("abc,30,knock,train\nabc,90,knock,train\nxyz,10,rain,test\n")
    (recording,) = read_sounds(tmp_path / "list.csv", tmp_path / "films").recordings
    assert (recording.label, recording.recording_id, recording.split) == ("knock", "abc_000030", "train")
    with pytest.raises(DataError, match=r"None of the 1 clips.*xyz_000010"):
        read_sounds(tmp_path / "list.csv", tmp_path / "films", split="test")


def test_of_many_clips_a_few_are_held_out(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.mp4").touch()
    library = read_sounds(tmp_path)
    assert (len(library.of_split("train")), len(library.of_split("held_out"))) == (4, 1)


def test_of_a_long_film_one_stretch_is_heard(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4", duration_s=12.0, hits_s=(2.0, 6.5, 11.0))
    (recording,) = read_sounds(tmp_path).recordings
    draws = np.random.default_rng(0)
    peaks_s = {
        round(float(np.abs(wav).argmax()) / 16000, 1): wav.size
        for wav in (recording.stretch(draws) for _ in range(20))
    }
    assert sorted(peaks_s) == pytest.approx([2.0, 2.5, 3.0], abs=0.11)
    assert max(peaks_s.values()) <= STRETCH_S * 16000


@pytest.mark.parametrize(("length_s", "count"), [(10.02, 3), (10.0, 2), (5.0, 1), (3.0, 1)])
def test_stretches_are_equally_long_and_leave_nothing_out(
    tmp_path: Path, length_s: float, count: int
) -> None:
    """A little over whole stretches, as padding makes a clip of 10 s, is no stretch of its own."""
    sound = placed(length_s, list(np.arange(0.2, length_s, 0.5)), ping())
    soundfile.write(tmp_path / "a.flac", sound, 16000)
    (recording,) = read_sounds(tmp_path).recordings
    draws = np.random.default_rng(0)
    sizes = {wav.tobytes(): wav.size for wav in (recording.stretch(draws) for _ in range(40))}
    assert len(sizes) == count
    assert sum(sizes.values()) == pytest.approx(sound.size, abs=count)
    assert max(sizes.values()) - min(sizes.values()) <= 1


def test_a_codec_learns_from_films_and_keeps_only_the_newest(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[Path] = []
    read = film_recordings.read_sound_stretch

    def counted(path: Path, start_s: float, longest_s: float) -> tuple[NDArray[np.float32], int]:
        decoded.append(path)
        return read(path, start_s, longest_s)

    monkeypatch.setattr(film_recordings, "read_sound_stretch", counted)
    film_recordings._stretch.cache_clear()
    many = clips / "many"
    for number in range(KEPT_STRETCHES + 20):
        many.mkdir(exist_ok=True)
        shutil.copy(clips / "knock" / "a.mp4", many / f"{number}.mp4")
    library = read_sounds(clips)
    training = CodecTraining(steps=40, batch=8, crops=HEARD, kmeans_step=100, warmup_steps=2)
    trainer = CodecTrainer(TINY.codec, training, library, tmp_path / "codec", lambda line: None)
    trainer.run()
    assert len(set(decoded)) > KEPT_STRETCHES
    assert film_recordings._stretch.cache_info().currsize == KEPT_STRETCHES
    assert not any("wav" in recording.__dict__ for recording in library.recordings)


def test_a_film_that_cannot_be_heard_is_passed_over(clips: Path) -> None:
    write_film(clips / "rain" / "d.mp4", has_sound=False)
    write_film(clips / "rain" / "e.mp4", wav=np.zeros(24000, np.float32))
    (clips / "rain" / "f.mp4").write_bytes(b"not a film")
    draws = rng()
    pools = pooled(read_sounds(clips).recordings)
    for _ in range(20):
        assert np.abs(draw_crop(draws, pools, HEARD, 0.0)).max() > 0.01
    broken = [recording for recording in pools["rain"] if recording.path.name != "c.mp4"]
    for recording in broken:
        with pytest.raises(MediaUnreadable):
            recording.stretch(draws)
    with pytest.raises(RequestError, match="one after the other cannot be heard"):
        draw_crop(draws, pooled(broken), HEARD, 0.0)


def test_each_process_draws_its_own_rows_and_the_batch_is_one(clips: Path, tmp_path: Path) -> None:
    library = RecordingLibrary(read_sounds(clips).of_split("train"))
    training = CodecTraining(steps=1, batch=4, crops=HEARD)
    trainer = CodecTrainer(TINY.codec, training, library, tmp_path / "codec", lambda line: None)
    whole = trainer._crops(3, range(4))
    assert whole.shape == (4, 1, 3840)
    assert (trainer._crops(3, range(2, 4)) == whole[2:]).all()
