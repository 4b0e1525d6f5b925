"""A whole delivery: levels measured, sounds at their samples, nothing overwritten, the takes as they were."""

from __future__ import annotations

import csv
import hashlib
import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import OutputError
from engine.protocol import fraction
from foley_plugin.jobs.meant import meant_takes
from foley_plugin.services.delivery.colours import COLOURS
from foley_plugin.services.delivery.cues import CueList, cue_list
from foley_plugin.services.delivery.deliver import Delivery, Wanted, deliver
from foley_plugin.services.delivery.sound import TakeUnreadable
from foley_plugin.takes.loudness import Samples, loudness_of, true_peak_dbtp
from foley_plugin.takes.store import Store
from foley_plugin.timeline.families import FAMILIES

from .riff_walk import chunks_of
from .small_project import FILM, clip_at, cut_of, make_take


def delivered(cues: CueList, folder: Path, **wanted: object) -> Delivery:
    return deliver(cues, folder, Wanted(**wanted), lambda done, total: None)  # type: ignore[arg-type]


def read(delivery: Delivery, place: str) -> tuple[Samples, int]:
    """The samples of the one file whose name holds the place, and where it starts since midnight."""
    (path,) = [delivery.folder / file.name for file in delivery.files if place in file.name]
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    return samples, int.from_bytes(chunks_of(path)["bext"][338:346], "little")


def test_the_tree_is_by_track_and_names_are_plain(plain: Delivery) -> None:
    delivery = plain
    files = sorted(path.relative_to(delivery.folder).as_posix() for path in delivery.folder.rglob("*.wav"))
    assert files == sorted(file.name for file in delivery.files)
    assert [name.rpartition("_")[0] for name in files] == [
        "01_FOLEY-Footsteps/002_shot-2_footstep-wood_0002",
        "05_FOLEY-Impacts/001_shot-1_hammer_0001",
        "07_FOLEY-Doors/003_shot-3_door_0003",
        "10_FOLEY-Ambience/004_shot-4_rain_0004",
        "Stems/Reel-1_01_FOLEY-Footsteps",
        "Stems/Reel-1_05_FOLEY-Impacts",
        "Stems/Reel-1_07_FOLEY-Doors",
        "Stems/Reel-1_10_FOLEY-Ambience",
    ]
    assert all(name.isascii() and " " not in name for name in files)
    assert [path.name for path in delivery.folder.parent.iterdir()] == ["out"]


def test_each_family_is_at_its_level_and_below_the_ceiling(cues: CueList, plain: Delivery) -> None:
    delivery = plain
    for line, file in zip(cues.lines, delivery.files, strict=False):
        samples, _ = read(delivery, file.name)
        found = loudness_of(samples, 48000)
        assert true_peak_dbtp(samples, 48000) <= -2.0 + 0.01
        level = found.integrated_lufs if line.family.measure == "integrated" else found.momentary_lufs
        at_ceiling = found.true_peak_dbtp > -2.2
        assert level == pytest.approx(line.family.target_lufs, abs=0.25) or (
            at_ceiling and level < line.family.target_lufs
        )
        assert file.loudness.momentary_lufs == pytest.approx(found.momentary_lufs, abs=0.05)
    table = list(csv.DictReader(io.StringIO((delivery.folder / "Reel-1_levels.csv").read_text("utf-8-sig"))))
    assert [row["File"] for row in table] == [file.name for file in delivery.files]
    assert all(float(row["True peak dBTP"]) <= -2 for row in table)


def test_points_are_mono_and_ambience_is_stereo_of_the_same_power(plain: Delivery) -> None:
    assert read(plain, "hammer")[0].shape[1] == 1
    rain, _ = read(plain, "rain")
    assert rain.shape[1] == 2 and np.array_equal(rain[:, 0], rain[:, 1])
    assert loudness_of(rain, 48000).integrated_lufs == pytest.approx(-34.0, abs=0.25)


def test_a_stem_is_its_clips_sample_for_sample_from_the_cuts_start(cues: CueList, plain: Delivery) -> None:
    delivery = plain
    stem, origin = read(delivery, "Stems/Reel-1_05")
    assert origin == 172_972_800
    assert len(stem) == len(read(delivery, "Stems/Reel-1_01")[0]) >= fraction(cues.cut.duration) * 48000
    hammer, start = read(delivery, "001_shot-1_hammer")
    at = start - origin
    assert np.abs(stem[at : at + len(hammer)] - hammer).max() <= 2 / 2**23
    rest = np.concatenate([stem[:at], stem[at + len(hammer) :]])
    assert not rest.any() and hammer.any()


def test_edges_are_silent_however_loud_the_sound_is_cut(
    own_cues: CueList, store: Store, tmp_path: Path
) -> None:
    for take in store.takes():
        wav = store.wav_path(take)
        soundfile.write(wav, np.full(soundfile.info(wav).frames, 0.5), 48000, subtype="PCM_24")
    delivery = delivered(own_cues, tmp_path / "out")
    for file in delivery.files:
        samples, _ = read(delivery, file.name)
        assert not samples[0].any() and not samples[-1].any()
        assert np.abs(np.diff(samples, axis=0)).max() < 0.02 * np.abs(samples).max()


def test_the_takes_are_never_changed(cues: CueList, plain: Delivery) -> None:
    assert len(plain.files) == 8
    for line in cues.lines:
        wav, take = line.meant.placement.wav, line.meant.take
        assert hashlib.sha256(Path(wav).read_bytes()).hexdigest() == take.sha256


@pytest.mark.parametrize("target_lufs", [-33.0])
def test_a_loudness_target_is_met_by_one_trim(
    cues: CueList, plain: Delivery, tmp_path: Path, target_lufs: float
) -> None:
    delivery = delivered(cues, tmp_path / "out", stems=True, loudness_lufs=target_lufs)
    stems = [read(delivery, file.name)[0] for file in delivery.files if file.name.startswith("Stems")]
    whole = sum(stem if stem.shape[1] == 2 else np.repeat(stem * np.sqrt(0.5), 2, axis=1) for stem in stems)
    assert loudness_of(np.asarray(whole, np.float32), 48000).integrated_lufs == pytest.approx(
        target_lufs, abs=0.15
    )
    assert delivery.trim.loudness_lufs == pytest.approx(target_lufs, abs=0.11)
    for before, after in zip(plain.files, delivery.files, strict=True):
        gained = after.loudness.true_peak_dbtp - before.loudness.true_peak_dbtp
        assert gained == pytest.approx(delivery.trim.gain_db - plain.trim.gain_db, abs=0.01)


def test_a_target_that_the_peaks_forbid_is_missed_and_told(cues: CueList, tmp_path: Path) -> None:
    delivery = delivered(cues, tmp_path / "out", loudness_lufs=-5.0)
    assert delivery.trim.missing_lu > 3
    peaks = [true_peak_dbtp(read(delivery, file.name)[0], 48000) for file in delivery.files]
    assert -2.2 < max(peaks) <= -2.0 + 0.01


@pytest.mark.parametrize(("sample_rate", "bits"), [(44100, 16), (96000, 24), (48000, 32)])
def test_other_rates_hold_the_same_sound_at_the_same_time(
    cues: CueList, tmp_path: Path, sample_rate: int, bits: int
) -> None:
    delivery = delivered(cues, tmp_path / "out", sample_rate=sample_rate, bits=bits)
    samples, start = read(delivery, "003_shot-3_door")
    begins_s = float(Fraction(86400 + 120) / fraction(cues.cut.rate))
    assert abs(start / sample_rate - begins_s) <= 0.5 / sample_rate
    loud = np.flatnonzero(np.abs(samples[:, 0]) > np.abs(samples).max() / 4)
    assert (start + loud[0]) / sample_rate == pytest.approx(begins_s + 1.0, abs=2e-4)
    assert true_peak_dbtp(samples, sample_rate) <= -2.0 + 0.01


def test_handles_are_given_where_asked(cues: CueList, plain: Delivery, tmp_path: Path) -> None:
    with_handles = delivered(cues, tmp_path / "b", handle_s=Fraction(1, 2))
    short, at = read(plain, "003_shot-3_door")
    long, earlier = read(with_handles, "003_shot-3_door")
    assert at - earlier == 12 * 2002 and len(long) == len(short) + 24 * 2002
    folders = {Path(file.name).parent.name for file in with_handles.files}
    assert "05_FOLEY-Impacts" in folders
    for file, placement in zip(with_handles.files, with_handles.placements, strict=True):
        info = soundfile.info(placement.wav)
        assert Path(placement.wav) == with_handles.folder / file.name
        assert Fraction(info.frames, info.samplerate) >= placement.wav_frames / fraction(cues.cut.rate)
        assert placement.num_channels == info.channels and placement.gain_db == 0


def test_no_file_begins_before_midnight(store: Store, tmp_path: Path) -> None:
    clip = clip_at(1, 6, 50, FILM)
    cut = cut_of(clip, rate=FILM)
    make_take(store, cut, clip, "hammer", [0.5])
    cues = cue_list(cut, meant_takes(store, cut), {})
    delivery = delivered(cues, tmp_path / "out", handle_s=Fraction(1))
    samples, start = read(delivery, "hammer")
    assert start == 0 and delivery.placements[0].head_frames == 6
    heard = np.flatnonzero(samples[:, 0])
    assert heard[0] / 48000 == pytest.approx(float(6 / FILM) + 0.5, abs=1e-4)


def test_a_name_stands_for_one_sound(cues: CueList, plain: Delivery, tmp_path: Path) -> None:
    again = delivered(cues, tmp_path / "again")
    for first, second in zip(plain.files, again.files, strict=False):
        assert first.name == second.name
        assert (plain.folder / first.name).read_bytes() == (again.folder / second.name).read_bytes()
    other = delivered(cues, tmp_path / "other", bits=16)
    assert {file.name for file in other.files}.isdisjoint(file.name for file in plain.files)


def test_a_folder_with_anything_in_it_is_left_alone(cues: CueList, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.wav").write_bytes(b"mine")
    with pytest.raises(OutputError, match="not empty"):
        delivered(cues, tmp_path / "full")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="no folder"):
        delivered(cues, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_take_that_is_gone_leaves_no_folder(own_cues: CueList, store: Store, tmp_path: Path) -> None:
    store.wav_path(store.takes()[1]).unlink()
    with pytest.raises(TakeUnreadable, match="footstep-wood_0002"):
        delivered(own_cues, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reel.foley"]


def test_families_have_their_colours() -> None:
    assert list(COLOURS) == [family.name for family in FAMILIES]
