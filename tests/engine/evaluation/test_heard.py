"""What is heard in a take against the hits that it was made for."""

from __future__ import annotations

from engine.evaluation.heard import Sync, reference_f1, sync_of
from engine.protocol import Generate, Hit, Picture, Span

REQUEST = Generate(
    id=1,
    picture=Picture("/film.mov", [Span((4, 1), (0, 1))]),
    wav_paths=[],
    num_samples=4 * 48000,
    head=(1, 1),
    tail=(1, 1),
)
"""A clip of 2 s with handles of 1 s."""


def hits(*times_s: float) -> list[Hit]:
    return [Hit(time_s) for time_s in times_s]


def test_sync_is_the_f1_of_what_is_heard_and_the_median_of_how_late_it_is() -> None:
    assert sync_of(REQUEST, [0.51, 1.02, 1.53], hits(0.5, 1.0, 1.5)) == Sync(1.0, 20.0)
    assert sync_of(REQUEST, [0.49, 1.3], hits(0.5, 1.0)) == Sync(0.5, -10.0)
    assert sync_of(REQUEST, [], hits(0.5)) == Sync(0.0, None)


def test_hits_in_the_handles_do_not_count_and_a_clip_without_hits_has_no_sync() -> None:
    assert sync_of(REQUEST, [0.5], hits(-0.5, 0.5, 2.5)) == Sync(1.0, 0.0)
    assert sync_of(REQUEST, [0.5], hits(-0.5, 2.5)) == Sync()


def test_against_the_truth_there_is_a_figure_only_where_the_truth_is_known() -> None:
    assert reference_f1(REQUEST, [0.5]) is None
