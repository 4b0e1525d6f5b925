"""Takes without a window: ranks, levels, what covers what, and that every edit can be undone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import msgspec
import numpy as np
import pytest

pytest.importorskip("PyQt6.QtCore", exc_type=ImportError)

from pytestqt.qtbot import QtBot

from engine.protocol import Span
from foley_plugin.jobs.meant import meant_takes
from foley_plugin.jobs.parts import parts_of
from foley_plugin.jobs.recut.reopening import reopened_jobs
from foley_plugin.qtmodels.edit_history import EditHistory
from foley_plugin.qtmodels.lanes import ClipKey
from foley_plugin.qtmodels.listening_level import loudest_moment_lufs, matching_gain
from foley_plugin.qtmodels.take_edits import TakeEdits
from foley_plugin.qtmodels.take_list import TakeListModel
from foley_plugin.qtmodels.take_rows import rows_of
from foley_plugin.takes.loudness import loudness_of
from foley_plugin.takes.store import Store
from foley_plugin.takes.take_marks import TakeSync
from tests.plugin.delivery.small_project import clip_at, cut_of, make_take

RATE = Fraction(25)
CLIP = clip_at(1, 0, 100, RATE)
CUT = cut_of(CLIP, rate=RATE)
KEY = ClipKey("V1", 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "p") as store:
        yield store


def edits_of(store: Store, *jobs: object) -> tuple[TakeEdits, EditHistory]:
    history = EditHistory()
    return TakeEdits(store, CUT, list(jobs), history), history  # type: ignore[arg-type]


def meant(store: Store) -> list[int]:
    return [each.take.seed for each in meant_takes(store, CUT)]


def placed(edits: TakeEdits) -> list[int]:
    return [take.take.seed for take in edits.shelf.placed()]


def test_a_take_of_the_whole_clip_silences_a_part_of_it_and_undo_brings_it_back(
    store: Store, qtbot: QtBot
) -> None:
    part = make_take(store, CUT, CLIP, "hammer", [0.5], part=(Fraction(1), Fraction(2)), seed=1)
    other = make_take(store, CUT, CLIP, "hammer", [0.5], part=(Fraction(3), Fraction(4)), seed=2)
    edits, history = edits_of(store, part, other)
    assert placed(edits) == [1, 2]  # side by side
    whole = make_take(store, CUT, CLIP, "hammer", [0.5], seed=3)
    edits.land(whole)
    assert placed(edits) == [3] and meant(store) == [3]
    history.undo()
    assert placed(edits) == [1, 2] and sorted(meant(store)) == [1, 2]
    history.redo()
    assert placed(edits) == [3] and meant(store) == [3]
    edits.place(str(other.takes[0].id))
    assert placed(edits) == [2] and meant(store) == [2]
    history.undo()
    assert placed(edits) == [3] and meant(store) == [3]


def test_the_store_remembers_what_undo_and_redo_leave(store: Store, qtbot: QtBot) -> None:
    first = make_take(store, CUT, CLIP, "hammer", [1.0], takes=2)
    edits, history = edits_of(store, first)
    knock = make_take(store, CUT, CLIP, "knock", [1.0], seed=7)
    edits.land(knock)
    assert meant(store) == [7]
    history.undo()
    assert meant(store) == [0] == placed(edits)
    edits.place(str(first.takes[1].id))
    edits.trash([str(first.takes[1].id)])
    assert placed(edits) == []
    history.undo()
    assert meant(store) == [1] == placed(edits)
    edits.take_off([str(first.takes[1].id)])
    assert placed(edits) == []
    history.undo()
    assert meant(store) == [1]
    reopened, _ = edits_of(store, first, knock)
    assert placed(reopened) == [1]


def test_a_part_that_was_made_after_the_whole_is_there_when_reopened(store: Store, qtbot: QtBot) -> None:
    make_take(store, CUT, CLIP, "hammer", [0.5], seed=1)
    make_take(store, CUT, CLIP, "hammer", [0.5], part=(Fraction(1), Fraction(2)), seed=2)
    reopened, _ = edits_of(store, *reopened_jobs(store, CUT, parts_of(store, CUT)))
    assert placed(reopened) == [2] == meant(store)
    assert [take.take.seed for take in reopened.shelf.takes_of(KEY)] == [2, 1]

    shorter = msgspec.structs.replace(
        CLIP, record_out=(7, 2), source_out=(19, 2), spans=[Span((7, 2), (6, 1))]
    )
    trimmed = cut_of(shorter, rate=RATE)
    jobs = reopened_jobs(store, trimmed, parts_of(store, trimmed))
    assert sorted(take.seed for job in jobs for take in job.takes) == [1, 2]
    assert [each.take.seed for each in meant_takes(store, trimmed)] == [2]
    assert placed(TakeEdits(store, trimmed, jobs, EditHistory())) == [2]


def test_the_take_that_replaces_another_is_seen_in_its_place(store: Store, qtbot: QtBot) -> None:
    first, second = (make_take(store, CUT, CLIP, "hammer", [1.0], seed=seed) for seed in (1, 2))
    edits, _ = edits_of(store, first)
    selected = {str(first.takes[0].id)}
    assert edits.shelf.seen_of(selected) == selected
    edits.land(second)
    assert edits.shelf.seen_of(selected) == {str(second.takes[0].id)}
    edits.take_off([str(second.takes[0].id)])
    assert edits.shelf.seen_of({*selected, "gone"}) == set()


def test_a_slip_beyond_the_handles_is_refused_and_not_remembered(store: Store, qtbot: QtBot) -> None:
    job = make_take(store, CUT, CLIP, "hammer", [1.0])
    edits, history = edits_of(store, job)
    told: list[str] = []
    history.failed.connect(told.append)
    take_id = str(job.takes[0].id)
    edits.slip(take_id, 3 * 48000)
    assert "cannot be slipped" in told[0] and history.undo_words is None
    edits.slip(take_id, 480)
    edits.slip(take_id, 480)
    assert store.take_slips.of(job.takes[0].id) == 960
    assert edits.placements()[0].wav != str(store.wav_path(job.takes[0]))  # a copy between two frames
    history.undo()
    assert store.take_slips.all() == {}
    assert edits.placements()[0].wav == str(store.wav_path(job.takes[0]))


def test_rows_are_numbered_as_made_ranked_by_sync_and_put_the_best_first(store: Store, qtbot: QtBot) -> None:
    job = make_take(store, CUT, CLIP, "hammer", [1.0], takes=4)
    edits, _ = edits_of(store, job)
    shelf, ids = edits.shelf, [str(take.id) for take in job.takes]
    for take_id, sync in zip(ids, ((0.5, 0.0), (0.9, -40.0), (0.9, 12.0)), strict=False):
        shelf.syncs[take_id] = TakeSync(*sync)
    rows = rows_of(shelf, KEY, RATE)
    assert [(row.number, row.rank) for row in rows] == [(1, 3), (2, 2), (3, 1), (4, None)]
    edits.trash([ids[2]])
    rows = rows_of(shelf, KEY, RATE, best_first=True, with_trash=True)
    assert [row.take_id for row in rows] == [ids[1], ids[0], ids[3], ids[2]]
    assert [row.number for row in rows] == [1, 2, 3, None]
    model = TakeListModel()
    model.show(rows)
    assert model.sync_words(rows[0]) == "sync 0.90, 40 ms early"
    assert model.spoken(rows[3]) == "hammer · seed 2, in the trash, sync 0.90, 12 ms late"


def test_the_level_for_the_ear_is_that_of_the_delivery() -> None:
    noise = np.random.default_rng(1).normal(size=(2_000_000, 1)).astype(np.float32)
    clicks = np.zeros_like(noise)
    for start in range(1000, len(clicks) - 4000, 700_000):
        decay = np.exp(-np.arange(3000, dtype=np.float32) / 500)[:, None]
        clicks[start : start + 3000] = 0.2 * decay * noise[start : start + 3000]
    for sound in (clicks, clicks[:5000], 0.1 * noise[:96_000]):
        expected = loudness_of(sound, 48000).momentary_lufs
        assert loudest_moment_lufs(sound) == pytest.approx(expected, abs=0.1)
    assert loudest_moment_lufs(np.zeros((4800, 1), np.float32)) == -math.inf


def test_a_take_is_brought_to_the_level_of_another_as_far_as_that_is_no_noise() -> None:
    assert matching_gain(-26.0, -20.0) == pytest.approx(10**0.3)
    assert matching_gain(-20.0, -26.0) == pytest.approx(10**-0.3)
    assert matching_gain(-60.0, -20.0) == pytest.approx(10**0.6)
    assert matching_gain(-math.inf, -20.0) is None and matching_gain(-20.0, -math.inf) is None
