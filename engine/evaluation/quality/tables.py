"""The two tables of the model card: sounds on given and on spotted hits, and hits spotted in scenes and films."""

from __future__ import annotations

from pathlib import Path

from engine.evaluation.quality.bench import Bench
from engine.evaluation.quality.footage import heard_films
from engine.evaluation.spotting import SpottingFigures, evaluate_spotter
from engine.evaluation.sync import SyncReport, evaluate_sync, scenes_of


def measure_tables(bench: Bench, sounds: Path) -> tuple[SyncReport, SpottingFigures]:
    """As `foley evaluate sync` and `foley evaluate spotter` measure them; films without sound are left out.

    Raises:
        RequestError: too little was held out.
    """
    scenes = scenes_of(sounds, bench.size.sync_scenes)
    bench.log("scenes of given and of spotted hits")
    sync = evaluate_sync(bench.pipeline, scenes, seed=bench.seed)
    bench.log("hits in scenes and films")
    films = [film for film, _ in heard_films(bench)]
    spotter = bench.pipeline.model.spotter
    return sync, evaluate_spotter(spotter, films=films, num_scenes=bench.size.table_scenes)
