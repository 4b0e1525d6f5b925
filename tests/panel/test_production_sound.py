"""The cut's own sound: fetched in chunks around the playhead, kept within bounds, on its exact sample."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from engine.protocol import rational
from foley_plugin.qtmodels.lanes import LaneKind
from foley_plugin.qtmodels.listening import Listening
from foley_plugin.qtmodels.media_process import MediaProcess
from foley_plugin.qtmodels.mix import MIX_RATE, mixed
from foley_plugin.qtmodels.playback import Playback
from foley_plugin.qtmodels.production_feed import ProductionFeed
from foley_plugin.qtmodels.production_sound import (
    CHUNK_SAMPLES,
    Chunk,
    HeardTrack,
    ProductionItem,
    ProductionTrack,
    SoundStore,
    muted_in_cut,
    production_tracks,
    wanted_chunks,
)
from foley_plugin.timeline.records import CutRecord, ItemRecord, TrackRecord
from tests.panel.cuts import clip, cut_of
from tests.panel.simulated_device import SimulatedDevice
from tests.panel.test_playback import run

WAIT_MS = 60_000


def filled_store(media: str, sound: np.ndarray) -> SoundStore:
    store = SoundStore()
    for first in range(0, len(sound), CHUNK_SAMPLES):
        store.add(Chunk(media, first // CHUNK_SAMPLES), sound[first : first + CHUNK_SAMPLES])
    return store


def with_audio(*tracks: TrackRecord) -> CutRecord:
    cut = cut_of(clip("a", 1, 0, 48))
    return CutRecord(
        **{name: getattr(cut, name) for name in cut.__struct_fields__ if name != "tracks"},
        tracks=list(tracks),
    )


def item(
    in_s: float, out_s: float, source_s: float = 0.0, *, media: str = "/a.wav", is_retimed: bool = False
) -> ItemRecord:
    edges = [rational(Fraction(value)) for value in (in_s, out_s, source_s)]
    return ItemRecord("a", edges[0], edges[1], "clip", media, edges[2], is_retimed=is_retimed)


def test_chunks_are_laid_on_their_exact_sample_across_their_seams() -> None:
    sound = np.random.default_rng(1).uniform(-1, 1, (3 * CHUNK_SAMPLES, 2)).astype(np.float32)
    placed = ProductionItem("/a.wav", record_in=1000, record_out=1000 + 2 * CHUNK_SAMPLES, source_in=777)
    heard = HeardTrack(ProductionTrack("A1", [placed]), filled_store("/a.wav", sound))
    whole = mixed([heard], 0, 3 * CHUNK_SAMPLES)
    assert np.array_equal(whole[1000 : 1000 + 2 * CHUNK_SAMPLES], sound[777 : 777 + 2 * CHUNK_SAMPLES])
    assert not whole[:1000].any() and not whole[1000 + 2 * CHUNK_SAMPLES :].any()
    at = 1000 - 777 + CHUNK_SAMPLES - 50
    assert np.array_equal(mixed([heard], at, 100), whole[at : at + 100])


def test_two_channels_of_one_clip_on_two_tracks_are_left_and_right() -> None:
    cut = with_audio(
        TrackRecord("A1", "", "Audio", True, [item(0, 1)]),
        TrackRecord("A2", "", "Audio", False, [item(0, 1), item(2, 3)]),
        TrackRecord("A3", "", "Audio", True, [item(0, 1), item(4, 5, is_retimed=True)]),
    )
    tracks = production_tracks(cut)
    assert [[each.side for each in track.items] for track in tracks] == [[0], [1, None], []]
    assert muted_in_cut(cut) == {"A2"}
    stereo = np.tile(np.array([[0.25, 0.5]], np.float32), (CHUNK_SAMPLES, 1))
    store = filled_store("/a.wav", stereo)
    heard = [HeardTrack(track, store) for track in tracks]
    assert mixed(heard, 100, 1)[0].tolist() == [0.25, 0.5]
    assert mixed(heard[1:], 100, 1)[0].tolist() == [0.0, 0.5]


def test_what_is_heard_first_is_wanted_first_and_silent_tracks_are_not_fetched() -> None:
    tracks = [
        ProductionTrack("A1", [ProductionItem("/a.wav", 0, 10 * CHUNK_SAMPLES, 0)]),
        ProductionTrack("A2", [ProductionItem("/b.wav", CHUNK_SAMPLES // 2, 10 * CHUNK_SAMPLES, 0)]),
    ]
    store = SoundStore()
    to = CHUNK_SAMPLES + 10
    wanted = wanted_chunks(tracks, store, 0, to)
    assert wanted == [Chunk("/a.wav", 0), Chunk("/b.wav", 0), Chunk("/a.wav", 1)]
    assert wanted_chunks(tracks, store, 0, to, is_backwards=True)[0] == Chunk("/a.wav", 1)
    assert wanted_chunks(tracks, store, 0, to, silent_tracks={"A1"}) == [Chunk("/b.wav", 0)]
    store.give_up("/b.wav")
    assert Chunk("/b.wav", 0) not in wanted_chunks(tracks, store, 0, to)


def test_the_store_stays_within_its_bounds_and_keeps_what_was_heard_last() -> None:
    chunk = np.zeros((CHUNK_SAMPLES, 1), np.float32)
    store = SoundStore(max_bytes=3 * chunk.nbytes)
    for index in range(3):
        store.add(Chunk("/a.wav", index), chunk)
    store.samples(Chunk("/a.wav", 0))
    store.add(Chunk("/a.wav", 3), chunk)
    assert store.num_bytes == 3 * chunk.nbytes
    assert [store.has(Chunk("/a.wav", index)) for index in range(4)] == [True, False, True, True]


def test_mute_solo_foley_alone_and_dim() -> None:
    plain = Listening()
    assert plain.factor("A1", LaneKind.AUDIO) == plain.factor("F1", LaneKind.FOLEY) == 1.0
    soloed = plain.with_solo("A1", True).with_solo("F1", True).with_mute("F1", True)
    heard = [soloed.factor(track, LaneKind.AUDIO) for track in ("A1", "A2", "F1")]
    assert heard == [1.0, 0.0, 0.0]
    assert soloed.with_solo("A1", False).with_solo("F1", False).factor("A2", LaneKind.AUDIO) == 1.0
    alone = Listening(is_foley_alone=True, is_production_dimmed=True)
    assert alone.factor("A1", LaneKind.AUDIO) == 0.0 and alone.factor("F1", LaneKind.FOLEY) == 1.0
    dimmed = Listening(is_production_dimmed=True)
    assert dimmed.factor("A1", LaneKind.AUDIO) == pytest.approx(0.1259, abs=1e-4)
    assert dimmed.factor("F1", LaneKind.FOLEY) == 1.0


@pytest.fixture
def media(qtbot: QtBot) -> Iterator[MediaProcess]:
    media = MediaProcess()
    yield media
    media.close()


def test_the_real_process_brings_sound_that_comes_in_where_it_belongs(
    media: MediaProcess, tmp_path: Path, qtbot: QtBot
) -> None:
    """Playing does not wait: silent until it is there, then on its exact sample; a film without sound is no matter."""
    path = str(tmp_path / "a.wav")
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, (8 * MIX_RATE, 2)).astype(np.float32)
    soundfile.write(path, sound, MIX_RATE, subtype="FLOAT")
    device = SimulatedDevice()
    playback = Playback(open_output=device.open_output, wall_clock=lambda: device.time)
    playback.set_end(7.0)
    feed = ProductionFeed(media)
    feed.arrived.connect(playback.mix_again)
    tracks = [
        ProductionTrack("A1", [ProductionItem(path, 0, 7 * MIX_RATE, 4800)]),
        ProductionTrack("A2", [ProductionItem(str(tmp_path / "gone.wav"), 0, 7 * MIX_RATE, 0)]),
    ]
    feed.set_tracks(tracks)
    playback.set_sounds([HeardTrack(track, feed.store) for track in tracks])
    playback.play()
    run(playback, device, 0.2)
    assert not device.taken.any()
    feed.follow(playback.position_s, 1.0)
    qtbot.waitUntil(lambda: feed.num_open == 0 and feed.store.num_bytes > 0, timeout=WAIT_MS)
    came_in = len(device.taken)
    run(playback, device, 4.0)
    taken = device.taken
    heard = np.flatnonzero(taken[:, 0])
    assert came_in <= heard[0] <= came_in + 4800
    there = slice(int(heard[0]), len(taken))
    assert np.array_equal(taken[there], sound[4800:][there])
    playback.stop()
