"""Every family of metrics, one line each, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from engine.errors import RequestError
from engine.evaluation.metrics import (
    Metric,
    MetricSettings,
    av_align,
    envelope,
    fad,
    imagebind_score,
    kl,
    level,
    onset_f1,
)

Family = Callable[[MetricSettings], Sequence[Metric]]

FAMILIES: dict[str, Family] = {
    "onset-f1": onset_f1.family,
    "av-align": av_align.family,
    "envelope": envelope.family,
    "level": level.family,
    "fad": fad.family,
    "kl": kl.family,
    "imagebind": imagebind_score.family,
}


def metrics_of(families: Iterable[str] | None, settings: MetricSettings) -> list[Metric]:
    """The metrics of the named families in the registry's order; None for all.

    Raises:
        RequestError: a family is not known.
    """
    wanted = set(FAMILIES) if families is None else set(families)
    unknown = sorted(wanted - set(FAMILIES))
    if unknown:
        raise RequestError(f"There is no metric called {unknown[0]!r}: choose from {', '.join(FAMILIES)}.")
    return [metric for name, family in FAMILIES.items() if name in wanted for metric in family(settings)]
