"""Films with several sounds, as cameras and broadcasters leave them: all of the production sound is heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from av.stream import Disposition

from engine.errors import MediaUnreadable
from engine.guide import guide_hits
from engine.media.audio import read_film_sound, resample
from engine.media.hearing import SoundReader
from engine.media.mixing import mix_weights
from engine.media.sound_range import read_sound_range
from engine.media.waveform import peaks
from engine.protocol import Picture, Span
from tests.engine.media.odd_sounds import RATE, Track, with_tracks

LAYOUTS = {
    "5.1": ("FL", "FR", "FC", "LFE", "BL", "BR"),
    "7.1": ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
SILENCE = np.zeros(4 * RATE, np.float32)


def knocks(*times_s: float, rate: int = RATE, duration_s: float = 4.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    wav = rng.normal(0, 1e-4, round(duration_s * rate))
    for time_s in times_s:
        at, length = round(time_s * rate), rate // 5
        wav[at : at + length] += rng.normal(0, 0.2, length) * np.exp(-np.arange(length) / (rate / 20))
    return wav.astype(np.float32)


def guided_by(film: Path) -> list[float]:
    return [hit.time_s for hit in guide_hits(Picture(str(film), [Span((4, 1), (0, 1))]))]


def heard_in(film: Path) -> dict[str, np.ndarray]:
    """Two seconds from 1 s on, by each way in which sound is read; float32 [N]."""
    whole = read_film_sound(film)
    first = round((1.0 - whole.start_s) * whole.sample_rate)
    stretch, rate = read_sound_range(film, 1.0, 2.0)
    return {
        "guide": resample(stretch, rate, RATE),
        "whole": resample(whole.wav[first : first + 2 * whole.sample_rate], whole.sample_rate, RATE),
        "ear": SoundReader().read(film, RATE, 2 * RATE, RATE).mean(axis=1),
    }


@pytest.mark.parametrize("container", ["mov", "mxf", "mkv", "avi"])
def test_the_first_of_two_microphones_is_silent(tmp_path: Path, container: str) -> None:
    both = Track(SILENCE), Track(knocks(0.5, 1.25, 2.5))
    film = with_tracks(tmp_path / f"rush.{container}", *both, picture_s=4.0)
    assert guided_by(film) == pytest.approx([0.5, 1.25, 2.5], abs=0.012)
    for heard in heard_in(film).values():
        assert np.abs(heard - both[1].wav[RATE : 3 * RATE]).max() < 0.001, (
            "a silent one makes no other quieter"
        )
    outline, _ = peaks(film, 100)
    assert outline[125:128, 1].max() > 0.2


def test_each_microphone_gives_its_onsets(tmp_path: Path) -> None:
    tracks = [Track(knocks(time_s)) for time_s in (0.5, 1.5, 2.5, 3.25)]
    film = with_tracks(tmp_path / "rush.mov", *tracks, picture_s=4.0)
    assert guided_by(film) == pytest.approx([0.5, 1.5, 2.5, 3.25], abs=0.012)


def test_sounds_of_other_rates_and_starts_are_where_they_are_stamped(tmp_path: Path) -> None:
    late = Track(knocks(0.5, rate=44100, duration_s=3.0), rate=44100, start_s=1.0)
    film = with_tracks(tmp_path / "rush.mkv", Track(knocks(0.75)), late, Track(knocks(2.5)), picture_s=4.0)
    assert guided_by(film) == pytest.approx([0.75, 1.5, 2.5], abs=0.012)
    expected = resample(late.wav, 44100, RATE)[: 2 * RATE] + knocks(2.5)[RATE : 3 * RATE]
    for heard in heard_in(film).values():
        # The ticks of this container are milliseconds.
        assert np.argmax(np.abs(heard)) == pytest.approx(np.argmax(np.abs(expected)), abs=RATE // 500)
        assert np.std(heard) == pytest.approx(np.std(expected), rel=0.05)


def test_a_sound_that_cannot_be_decoded_is_left_out(tmp_path: Path) -> None:
    broken = Track(SILENCE, codec="aac", is_broken=True)
    for order in ((broken, Track(knocks(1.5))), (Track(knocks(1.5)), broken)):
        film = with_tracks(tmp_path / f"{order[0].codec}.mkv", *order, picture_s=4.0)
        assert guided_by(film) == pytest.approx([1.5], abs=0.012)
        for heard in heard_in(film).values():
            assert np.abs(heard - knocks(1.5)[RATE : 3 * RATE]).max() < 0.001
        assert read_film_sound(film).missing_s < 0.1
    alone = with_tracks(tmp_path / "alone.mkv", broken, picture_s=4.0)
    with pytest.raises(MediaUnreadable, match="cannot be decoded"):
        read_film_sound(alone)
    assert guided_by(alone) == []


def test_loud_sounds_together_stay_under_full_scale(tmp_path: Path) -> None:
    loud = 0.9 * np.sin(np.arange(4 * RATE) / 20).astype(np.float32)
    film = with_tracks(tmp_path / "rush.mov", *[Track(loud)] * 3, picture_s=4.0)
    for heard in heard_in(film).values():
        assert 0.95 < np.abs(heard).max() <= 1.0
        assert np.abs(np.diff(heard)).max() < 0.2, "bent, not wrapped"


def test_stretches_of_several_sounds_join_without_a_seam(tmp_path: Path) -> None:
    tracks = [Track(knocks(0.5, 1.5, rate=rate), rate=rate) for rate in (RATE, 44100)]
    film = with_tracks(tmp_path / "rush.mov", *tracks, picture_s=4.0)
    reader = SoundReader()
    stretches = [reader.read(film, first, 12_345, RATE) for first in range(0, 3 * RATE, 12_345)]
    joined = np.concatenate(stretches)[: 3 * RATE]
    assert np.abs(joined - reader.read(film, 0, 3 * RATE, RATE))[500:].max() < 1e-5


def test_other_versions_of_a_film_are_not_heard_with_it(tmp_path: Path) -> None:
    """The French one, and what is said about the picture for those who do not see it."""
    film = with_tracks(
        tmp_path / "film.mkv",
        Track(knocks(0.5), language="eng"),
        Track(knocks(1.5), language="fre"),
        Track(knocks(2.5), language="eng", disposition=Disposition.comment),
        Track(knocks(3.25), language="eng"),
        picture_s=4.0,
    )
    assert guided_by(film) == pytest.approx([0.5, 3.25], abs=0.012)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_downmix_is_as_loud_as_its_channels_at_most(tmp_path: Path, layout: str) -> None:
    num_channels = len(LAYOUTS[layout])
    loud = np.tile(0.9 * np.sin(np.arange(4 * RATE) / 20).astype(np.float32), (num_channels, 1))
    film = with_tracks(tmp_path / "film.mov", Track(loud, layout=layout), picture_s=4.0)
    for heard in heard_in(film).values():
        assert np.abs(heard).max() == pytest.approx(0.9, abs=0.01)


def test_every_channel_is_heard_and_on_its_side() -> None:
    for places in LAYOUTS.values():
        weights = mix_weights(places, 2)
        assert weights.sum(axis=0) == pytest.approx([1.0, 1.0])
        for place, (left, right) in zip(places, weights, strict=True):
            assert (left > right, right > left) == (place.endswith("L"), place.endswith("R"))
            assert left + right > 0
        assert mix_weights(places, 1)[:, 0] == pytest.approx(weights.mean(axis=1))


def test_microphones_in_one_stream_are_added_as_those_in_several_are(tmp_path: Path) -> None:
    """A recorder's channels have no places."""
    channels = np.stack([SILENCE, SILENCE, knocks(1.5), SILENCE])
    film = tmp_path / "poly.wav"
    soundfile.write(film, channels.T, RATE, subtype="PCM_16")
    ear = SoundReader().read(film, RATE, 2 * RATE, RATE)
    assert np.abs(ear - channels[2, RATE : 3 * RATE, None]).max() < 0.001
    assert guided_by(film) == pytest.approx([1.5], abs=0.012)
