"""The panel's benchmark runs, and what it opens is a cut."""

from __future__ import annotations

from pathlib import Path

from foley_plugin.panel_speed import as_lines, cut_of_many, measure_panel
from foley_plugin.services.opening import show_cut
from foley_plugin.timeline.records import CutRecord
from foley_plugin.ui.painting_speed import as_lines as painting_lines
from foley_plugin.ui.painting_speed import measure_painting


def test_the_cut_that_is_opened_has_as_many_clips_as_were_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "many.otio"
    path.write_bytes(cut_of_many(40))
    cut = show_cut(path)
    assert isinstance(cut, CutRecord)
    assert len(cut.clips) == 30  # the rest is production sound
    assert sum(len(track.items) for track in cut.tracks) == 40


def test_start_opening_and_memory_are_measured_in_a_process_of_their_own() -> None:
    report = measure_panel(num_clips=40, runs=1)
    (run,) = report.runs
    assert run.window_s > 0 and run.shown_s is not None and run.opened_s is not None
    assert 0 < run.shown_s <= run.opened_s and (run.memory_mb or 0) > 20
    assert "40 clips" in as_lines(report)[1]


def test_painting_is_measured_at_every_zoom_beside_both_peers(qapp: object) -> None:
    report = measure_painting(num_clips=80, rounds=4)
    assert report.timeline[0].num_visible == 80
    assert all(speed.p95_ms > 0 for speed in report.timeline)
    assert report.peers.graphics_scene_ms > 0 < report.peers.one_call_ms
    assert "80 clips" in painting_lines(report)[-2]
