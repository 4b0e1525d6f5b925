"""A take's samples joined with what is drawn to them: exact outside, smooth at the seams, under the ceiling."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import RequestError
from engine.media.audio import write_wav
from engine.media.splicing import (
    DrawnSound,
    KeptSound,
    Splice,
    Stretch,
    crossfade,
    drawn_stretches,
    heard_spans,
)
from engine.media.wav_stream import Wav, held

RATE = 48000
CEILING = 10 ** (-1 / 20)


def noise(num_samples: int, seed: int, level: float = 0.1) -> Wav:
    return (level * np.random.default_rng(seed).standard_normal(num_samples)).astype(np.float32)


def stored(path: Path) -> np.ndarray:
    found: np.ndarray = soundfile.read(path, dtype="int32")[0]
    return found


def spliced(
    folder: Path, kept: Wav, kept_start: int, drawn: Wav, stretches: Sequence[Stretch]
) -> tuple[np.ndarray, np.ndarray]:
    """The original's stored samples, and the new take's."""
    path = folder / "kept.wav"
    if not path.exists():
        write_wav(path, kept, RATE)
    with ExitStack() as stack:
        sound = stack.enter_context(KeptSound(path, RATE))
        parts = [
            (first, stack.enter_context(held([drawn[first:stop]], RATE, ceiling=math.inf, folder=folder)))
            for first, stop in heard_spans(stretches, len(drawn), RATE)
        ]
        splice = Splice(sound, kept_start, DrawnSound(parts, len(drawn), RATE), stretches, CEILING)
        whole = stack.enter_context(held(splice.blocks(), RATE, ceiling=math.inf, folder=folder))
        content = b"".join(whole.wav_pieces())
    return stored(path), soundfile.read(io.BytesIO(content), dtype="int32")[0]


def test_outside_the_stretches_and_their_fades_every_sample_stays(tmp_path: Path) -> None:
    kept = np.clip(noise(3 * RATE, 1, 0.4), -1, 1)
    stretches = drawn_stretches(
        [(RATE, RATE + 9600), (2 * RATE, 2 * RATE + 4800)], (0, 3 * RATE), 3 * RATE, RATE
    )
    before, after = spliced(tmp_path, kept, 0, noise(3 * RATE, 2, 0.4), stretches)
    stays = np.ones(3 * RATE, bool)
    for each in stretches:
        stays[each.start - each.fade_in : each.end + each.fade_out] = False
    assert np.array_equal(before[stays], after[stays])
    assert not np.array_equal(before[~stays], after[~stays])


def test_a_strike_right_after_a_stretch_stays_as_it_was(tmp_path: Path) -> None:
    """It lies where the sounds would fade into each other; the fade makes way for it."""
    kept, drawn = noise(RATE, 11, 0.01), noise(RATE, 12, 0.01)
    for wav, at in ((kept, 26400), (drawn, 26500)):
        wav[at : at + 2000] += noise(2000, at, 0.3)
    (stretch,) = drawn_stretches([(12000, 24000)], (0, RATE), RATE, RATE)
    assert stretch.end + stretch.fade_out > 28400
    before, after = spliced(tmp_path, kept, 0, drawn, [stretch])
    assert np.array_equal(before[26400:], after[26400:])


@pytest.mark.parametrize("kept_start", [-4321, 4321])
def test_an_original_that_begins_elsewhere_keeps_its_samples_there(tmp_path: Path, kept_start: int) -> None:
    kept = noise(RATE, 3)
    covered = max(0, kept_start), min(2 * RATE, RATE + kept_start)
    (*heads, tail) = drawn_stretches([], covered, 2 * RATE, RATE)
    assert (tail.end, tail.fade_out) == (2 * RATE, 0) and len(heads) == (kept_start > 0)
    before, after = spliced(tmp_path, kept, kept_start, noise(2 * RATE, 4), [*heads, tail])
    first = covered[0] + (heads[0].fade_out if heads else 0)
    last = tail.start - tail.fade_in
    assert np.array_equal(before[first - kept_start : last - kept_start], after[first:last])


def test_drawn_sound_has_the_level_that_the_original_was_left_at_and_stays_under_the_ceiling(
    tmp_path: Path,
) -> None:
    """The original was scaled down by 12 dB when it was made; what is drawn is decoded as it comes."""
    decoded = noise(4 * RATE, 5, 0.2)
    decoded[2 * RATE] = 8.0
    stretches = drawn_stretches([(2 * RATE - 4800, 2 * RATE + 4800)], (0, 4 * RATE), 4 * RATE, RATE)
    _, after = spliced(tmp_path, decoded.clip(-1, 1) * np.float32(0.25), 0, decoded, stretches)
    sound = after / 2**31
    assert np.abs(sound).max() <= CEILING + 1e-6
    plain = drawn_stretches([(RATE, RATE + 9600)], (0, 4 * RATE), 4 * RATE, RATE)
    _, after = spliced(tmp_path, decoded, 0, decoded, plain)
    assert np.std(after[RATE : RATE + 9600] / 2**31) == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize(("alike", "said"), [(1.0, "one"), (0.0, "two")])
def test_a_fade_holds_the_power_of_sounds_that_are_alike_and_of_such_that_are_not(
    alike: float, said: str
) -> None:
    one, other = noise(RATE, 6), noise(RATE, 7)
    mixed = crossfade(one, alike * one + (1 - alike) * other, CEILING)
    assert np.std(mixed[RATE // 3 : 2 * RATE // 3]) == pytest.approx(0.1, rel=0.05), said


@given(st.floats(0.1, CEILING), st.integers(2, 500))
def test_a_fade_never_passes_the_ceiling_that_both_keep(level: float, length: int) -> None:
    """An equal-power fade of two peaks would."""
    one, other = np.full(length, level, np.float32), noise(length, 8, 0.3).clip(-level, level)
    for before, after in ((one, other), (other, one), (one, one)):
        assert np.abs(crossfade(before, after, CEILING)).max() <= CEILING + 1e-6


@given(
    redo=st.lists(st.tuples(st.integers(0, 40000), st.integers(1, 9000)), max_size=4),
    covered=st.tuples(st.integers(0, 20000), st.integers(20001, 48000)),
)
def test_stretches_and_their_fades_lie_apart_and_cover_what_is_wanted(
    redo: list[tuple[int, int]], covered: tuple[int, int]
) -> None:
    parts = [(start, min(RATE, start + length)) for start, length in redo]
    stretches = drawn_stretches(parts, covered, RATE, RATE)
    at = 0
    for each in stretches:
        assert at <= each.start - each.fade_in and each.start < each.end
        at = each.end + each.fade_out
    assert at <= RATE
    for start, end in [*parts, (0, covered[0]), (covered[1], RATE)]:
        assert start >= end or any(each.start <= start and end <= each.end for each in stretches)


def test_of_a_long_take_only_what_lies_about_its_stretches_is_decoded() -> None:
    hour = 3600 * RATE
    stretches = drawn_stretches(
        [(9 * RATE, 10 * RATE), (12 * RATE, 13 * RATE), (hour - 9, hour)], (0, hour), hour, RATE
    )
    assert heard_spans(stretches, hour, RATE) == [(7 * RATE, 15 * RATE), (hour - 9 - 2 * RATE, hour)]


def test_a_file_that_is_no_take_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is not there"):
        KeptSound(tmp_path / "no.wav", RATE)
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(RequestError, match="cannot be read"):
        KeptSound(tmp_path / "text.wav", RATE)
    for name, channels, rate, subtype in (
        ("stereo.wav", 2, RATE, "PCM_24"),
        ("slow.wav", 1, 44100, "PCM_24"),
        ("short.wav", 1, RATE, "PCM_16"),
    ):
        soundfile.write(tmp_path / name, np.zeros((100, channels)), rate, subtype=subtype)
        with pytest.raises(RequestError, match="channels of PCM"):
            KeptSound(tmp_path / name, RATE)


def test_a_file_that_is_another_by_now_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kept.wav"
    write_wav(path, noise(RATE, 1), RATE)
    was = hashlib.sha256(path.read_bytes()).hexdigest()
    with KeptSound(path, RATE, was) as kept:
        assert kept.num_samples == RATE
    path.unlink()
    write_wav(path, noise(RATE, 2), RATE)
    with pytest.raises(RequestError, match="has been changed"):
        KeptSound(path, RATE, was)
