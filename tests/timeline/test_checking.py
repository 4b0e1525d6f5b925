"""A cut is there before its media is looked for, however long it is."""

from __future__ import annotations

import os
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from foley_plugin.timeline.client import read_cut
from foley_plugin.timeline.media_shelf import MediaShelf
from foley_plugin.timeline.probe import MediaProbe, sound_start
from foley_plugin.timeline.read import cut_record

from .building import clip, saved, time_range, timeline, track
from .numbered_video import write_numbered_video
from .reading import from_media, only

SECOND = time_range(0, 24, 24.0)


def nobody(path: str) -> MediaProbe:
    raise AssertionError(f"{path} was opened")


def test_nothing_is_looked_at_while_a_cut_is_only_shown(tmp_path: Path, movie: str) -> None:
    clips = [from_media(movie, 0, 24), clip("b", SECOND, url="gone.mov"), clip("c", SECOND)]
    cut = cut_record(saved(timeline(track(*clips)), tmp_path), MediaShelf(nobody, checks=False))
    assert [each.is_checking for each in cut.clips] == [True, True, True]
    assert not any(each.eligible or each.is_offline for each in cut.clips)
    assert all("being checked" in str(each.reason) for each in cut.clips)
    assert cut.notices == []


def test_what_is_known_without_a_look_is_told_at_once(tmp_path: Path, movie: str) -> None:
    off = from_media(movie, 0, 24, enabled=False)
    cut = cut_record(saved(timeline(track(off)), tmp_path), MediaShelf(nobody, checks=False))
    assert not only(cut).is_checking and "disabled" in str(only(cut).reason)


def test_a_length_that_only_the_file_knows_is_asked_for_at_once(tmp_path: Path) -> None:
    write_numbered_video(tmp_path / "a.mov", Fraction(25), 50)
    root = timeline(track(clip("a", None, url="a.mov"), clip("b", SECOND, url="gone.mov")))
    cut = read_cut(saved(root, tmp_path), checks=False)
    assert [each.record_in for each in cut.clips] == [(0, 1), (2, 1)]


def test_two_thousand_clips_are_shown_in_two_seconds(tmp_path: Path) -> None:
    """Of processor time, since other work on this machine is no fault of the reader's."""
    clips = [clip(f"c{number}", SECOND, url=f"/nowhere/{number}.mov") for number in range(2000)]
    path = saved(timeline(track(*clips)), tmp_path)
    before, here_s = os.times(), time.process_time()
    cut = read_cut(path, checks=False)
    after = os.times()
    child_s = after.children_user + after.children_system - before.children_user - before.children_system
    assert child_s + time.process_time() - here_s < 2
    assert len(cut.clips) == 2000 and all(each.is_checking for each in cut.clips)


def write_stamped(path: Path, time_reference: int, rate: int = 48_000) -> Path:
    """A WAV with a `bext` chunk, as recorders on set write them."""
    with av.open(str(path), "w", options={"write_bext": "1"}) as container:
        container.metadata["time_reference"] = str(time_reference)
        stream = container.add_stream("pcm_s24le", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, rate), np.int32), format="s32", layout="mono")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("rate", [48_000, 96_000])
def test_a_sounds_stamp_is_read_in_real_time(tmp_path: Path, rate: int) -> None:
    """01:00:00:00 at 23.976 is 3603.6 s."""
    path = write_stamped(tmp_path / "a.wav", int(Fraction(18018, 5) * rate), rate)
    assert sound_start(str(path)) == Fraction(18018, 5)


def test_production_sound_without_a_range_counts_from_its_stamp(tmp_path: Path) -> None:
    write_stamped(tmp_path / "boom.wav", int(Fraction(18018, 5) * 48_000))
    sound = clip("boom", time_range(86400 + 12, 6, 23.98), url="boom.wav")
    root = timeline(track(sound, kind="Audio"))
    (drawn,) = cut_record(saved(root, tmp_path)).tracks[0].items
    assert Fraction(*drawn.source_in) == 12 * Fraction(1001, 24000)


def test_sound_without_a_stamp_or_that_is_none_has_no_start(tmp_path: Path) -> None:
    assert sound_start(str(write_stamped(tmp_path / "a.wav", 0))) is None
    (tmp_path / "b.wav").write_bytes(b"no sound")
    assert sound_start(str(tmp_path / "b.wav")) is None
