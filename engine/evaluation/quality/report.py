"""All figures of one model together: measured, as JSON, as a table for people."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import torch
from msgspec import Struct

from engine.errors import FoleyError
from engine.evaluation.quality import QualityFigure, unmeasured
from engine.evaluation.quality.bench import Bench, Size
from engine.evaluation.quality.registry import Measure


class QualityReport(Struct, frozen=True):
    """
    Attributes:
        met: by a figure's name; None where there is nothing to meet or it could not be measured.
        took_s: by the registry's name.
    """

    model: str
    model_sha256: str
    dtype: str
    backend: str
    threads: int
    seed: int
    size: Size
    figures: list[QualityFigure]
    met: dict[str, bool | None]
    took_s: dict[str, float]


def measure_quality(bench: Bench, measures: Mapping[str, Measure]) -> QualityReport:
    """Figures one after the other; one that fails in a way that is foreseen is noted, and the others go on."""
    figures: list[QualityFigure] = []
    took_s = {}
    for name, measure in measures.items():
        bench.log(name)
        started = time.perf_counter()
        try:
            figures += measure(bench)
        except FoleyError as error:
            figures.append(unmeasured(name, name.capitalize(), None, error.sentence))
        took_s[name] = round(time.perf_counter() - started, 1)
    record = bench.pipeline.model.record
    return QualityReport(
        model=record.model.name,
        model_sha256=record.sha256,
        dtype=bench.pipeline.dtype,
        backend=bench.pipeline.backend,
        threads=torch.get_num_threads(),
        seed=bench.seed,
        size=bench.size,
        figures=figures,
        met={figure.name: figure.is_met for figure in figures},
        took_s=took_s,
    )


def read_quality(path: Path) -> QualityReport:
    """What `foley evaluate default` wrote.

    Raises:
        FoleyError: it is no such file.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=QualityReport)
    except (OSError, msgspec.MsgspecError) as error:
        raise FoleyError(
            f"There are no figures in {path} ({error}): run `foley evaluate default`."
        ) from error
