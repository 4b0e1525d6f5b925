"""Every file of figures, one line each, in the order of the card."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.errors import RequestError
from engine.evaluation.quality import (
    QualityFigure,
    ambience,
    casts,
    clean,
    codec,
    codec_hits,
    curves,
    diversity,
    edits,
    eyes,
    false_hits,
    family,
    footage,
    memorisation,
    redo,
    speed,
)
from engine.evaluation.quality.bench import Bench

Measure = Callable[[Bench], list[QualityFigure]]

FIGURES: dict[str, Measure] = {
    "family": family.measure,
    "diversity": diversity.measure,
    "memorisation": memorisation.measure,
    "ambience": ambience.measure,
    "clean": clean.measure,
    "casts": casts.measure,
    "codec": codec.measure,
    "codec-hits": codec_hits.measure,
    "redo": redo.measure,
    "edits": edits.measure,
    "curves": curves.measure,
    "eyes": eyes.measure,
    "false-hits": false_hits.measure,
    "footage": footage.measure,
    "speed": speed.measure,
}


def chosen(names: Iterable[str] | None) -> dict[str, Measure]:
    """The named ones in the registry's order; None for all.

    Raises:
        RequestError: one is not known.
    """
    wanted = set(FIGURES) if names is None else set(names)
    unknown = sorted(wanted - set(FIGURES))
    if unknown:
        raise RequestError(f"There is no figure called {unknown[0]!r}: choose from {', '.join(FIGURES)}.")
    return {name: measure for name, measure in FIGURES.items() if name in wanted}
