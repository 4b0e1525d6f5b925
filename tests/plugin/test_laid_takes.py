"""Where takes lie: which place is meant where a moment of one is named, and where a kept one lies in another cut."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from engine.protocol import fraction, rational
from foley_plugin.jobs.exporting import kept_placements
from foley_plugin.jobs.generate import Wish, make_job
from foley_plugin.services.redoing import _laid
from foley_plugin.takes.store import Store
from foley_plugin.timeline.selection import whole_clip
from tests.plugin.delivery.small_project import clip_at, cut_of, make_take

RATE = Fraction(25)


def test_a_moment_in_a_handle_means_the_place_whose_handle_it_is(tmp_path: Path) -> None:
    """Both clips show the same: 0 to 2 s, and 4 to 6 s; the handles reach 1 s further."""
    first = clip_at(1, 0, 50, RATE)
    second = msgspec.structs.replace(first, index=2, record_in=(4, 1), record_out=(6, 1))
    cut = cut_of(first, second, rate=RATE)
    with Store.open(tmp_path / "p") as store:
        take = make_take(store, cut, first, "hammer", [0.5]).takes[0]
        meant = {
            str(at): _laid(store, cut, take, Fraction(at)).selected.record_in
            for at in ("1", "2.5", "3.5", "4", "6.5")
        }
        assert _laid(store, cut, take, None).selected.record_in == 0
    assert meant == {"1": 0, "2.5": 0, "3.5": 4, "4": 4, "6.5": 4}
    assert rational(meant["3.5"]) == second.record_in


def test_a_kept_take_hits_the_picture_where_its_clip_has_come_between_frames(tmp_path: Path) -> None:
    """A shot of another rate is cut in before; heads are of whole frames, so that this one's would be longer now."""
    rate = Fraction(24)
    shown = clip_at(1, 48, 48, rate)
    moved = msgspec.structs.replace(
        shown, index=2, record_in=rational(Fraction(76, 25)), record_out=(126, 25)
    )
    before = msgspec.structs.replace(
        clip_at(1, 0, 73, rate), media="/footage/b.mov", record_out=moved.record_in
    )
    with Store.open(tmp_path / "p") as store:
        make_take(store, cut_of(shown, rate=rate), shown, "hammer", [0.5])
        recut = msgspec.structs.replace(cut_of(before, moved, rate=rate), source_sha256="recut")
        (placed,) = kept_placements(store, recut, "best", with_marks=False)
        samples, sample_rate = soundfile.read(placed.wav)
    wav_start = (placed.record_frame - placed.head_frames) / rate
    heard_s = float(wav_start) + int(np.argmax(np.abs(samples) > 0.1)) / sample_rate
    assert heard_s == pytest.approx(float(fraction(moved.record_in)) + 0.5, abs=1e-4)
    assert placed.head_frames + placed.duration_frames <= placed.wav_frames


def test_what_is_asked_for_while_the_first_is_being_made_is_another_take(tmp_path: Path) -> None:
    shown = clip_at(1, 0, 50, RATE)
    cut = cut_of(shown, rate=RATE)
    with Store.open(tmp_path / "p") as store:
        seeds = [
            make_job(store, cut, whole_clip(shown), Wish(label="hammer", takes=takes)).request.seed
            for takes in (2, 1, 1)
        ]
    assert seeds == [0, 2, 3]
