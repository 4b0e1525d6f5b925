"""From a click to a sound, against what is aimed at."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.evaluation import speed
from engine.evaluation.load import LoadWatch, MachineBusy
from engine.evaluation.speed import as_lines, first_take_of, measure_first_take
from engine.media.array_cache import CACHE_VARIABLE
from tests.engine.evaluation.films import write_film
from tests.engine.evaluation.idle import LOAD, an_idle_machine
from tests.engine.models import write_tiny_model


@pytest.mark.parametrize(("slowest_s", "verdict"), [(4.9, "met"), (5.0, "MISSED"), (90.0, "MISSED")])
def test_the_median_is_met_or_missed(slowest_s: float, verdict: str) -> None:
    found = first_take_of([1.0, slowest_s, 100.0], 3.0, 2, LOAD)
    assert found.median_s == slowest_s and found.target.is_met == (verdict == "met")
    last = as_lines(found).splitlines()[-1]
    assert last == f"seconds to the first sound: {slowest_s:.2f}, target under 5: {verdict}"


def test_a_real_engine_is_timed_from_the_request_to_the_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_idle_machine(monkeypatch)
    monkeypatch.setattr(
        speed, "write_film", lambda path, *, duration_s, seed: write_film(path, [0.5], length_s=duration_s)
    )
    monkeypatch.setattr(speed, "CLIP_S", 1)
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "kept"))
    write_tiny_model(tmp_path)
    found = measure_first_take(tmp_path, runs=2)
    assert len(found.runs_s) == 2 and min(found.runs_s) > 0 and found.start_s > 0
    assert found.load == LOAD
    assert not (tmp_path / "kept").exists(), (
        "a look that is kept would spare the next measurement the decoding"
    )


def test_no_engine_is_started_on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> LoadWatch:
        raise MachineBusy("Busy.")

    monkeypatch.setattr(LoadWatch, "begin", busy)
    monkeypatch.setattr(speed, "write_film", lambda *given, **options: pytest.fail("a film was written"))
    with pytest.raises(MachineBusy):
        measure_first_take(None)
