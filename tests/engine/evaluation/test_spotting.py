"""How well the shipped spotter finds hits, as `foley evaluate spotter` measures it."""

from __future__ import annotations

from pathlib import Path

import msgspec
from typer.testing import CliRunner

from engine.cli.evaluate import evaluate
from engine.evaluation.spotting import SpottingFigures


def test_it_is_measured_on_hits_of_all_kinds_on_things_set_down_and_on_walkers(tmp_path: Path) -> None:
    json = tmp_path / "spotter.json"
    words = ["spotter", "--scenes", "12", "--threads", "1", "--json", str(json)]
    done = CliRunner().invoke(evaluate, words, catch_exceptions=False)
    for row in ("rendered scenes", "things set down by hand", "people who walk"):
        assert row in done.output
    figures = msgspec.json.decode(json.read_bytes(), type=SpottingFigures)
    for found in (figures.scenes, figures.handled):
        assert found.num_scenes == 12
        assert found.mean_f1[100] > 2 * found.mean_chance_f1[100]
        assert found.mean_f1[40] <= found.mean_f1[100] <= found.mean_f1[200]
        assert abs(found.offset_s) < 0.05
    assert figures.strided.num_scenes == 12
    assert figures.scenes != figures.handled != figures.strided
    assert not figures.films
