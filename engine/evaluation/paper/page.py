"""The tables as text: what was measured, and a caption that says what it is and is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.config import EncoderConfig
from engine.evaluation.page.text import number, span
from engine.evaluation.paper.miniature import Size, TableResult
from engine.evaluation.report import Figure, MetricResult

FAMILIES = {"clip": "CLIP", "imagebind": "ImageBind", "vit": "ViT", "videomae": "VideoMAE"}
"""The paper's four."""


def tables_markdown(
    results: Sequence[TableResult], size: Size, given: Mapping[str, EncoderConfig] | None = None
) -> str:
    """All tables with their caption, as Markdown. `given`: by kind, the encoders that somebody brought."""
    parts = ["# The paper's tables in miniature", caption(size, given or {})]
    for result in results:
        parts += [f"## {result.table.title}", _table(result)]
        if lacking := missing_systems(result):
            asked = ", ".join(f"`--samples {name}=DIR`" for name in lacking)
            parts.append(f"Not measured, for want of samples: {', '.join(lacking)} ({asked}).")
    return "\n\n".join(parts) + "\n"


def caption(size: Size, given: Mapping[str, EncoderConfig]) -> str:
    """What the figures are, and what they are not."""
    return (
        f"Each row is a language model of {size.lm.num_layers} layers and width {size.lm.dim}, trained for "
        f"{size.lm_training.steps} steps on {size.train_films} rendered scenes of {size.film_s:g} s, over a small "
        f"codec, and measured on {size.test_films} rendered scenes whose recordings and seeds were never trained "
        "on; in brackets the 95 % interval over scenes. Rows of FoleyGen see the picture alone, at one feature a "
        "second, as in the paper; the row with hits is told the scene's label too and follows hits that the "
        "spotter found. FAD and KL are of foley-ear, this project's own embedding, unless the columns say "
        "otherwise.\n\n"
        "These are **not** the paper's figures and cannot be set beside them: FoleyGen had 24 layers and about "
        f"160,000 clips of VGGSound, and was measured with VGGish and PaSST. {_of_encoders(given)} Where intervals "
        "overlap, the order of rows says nothing."
    )


def _of_encoders(given: Mapping[str, EncoderConfig]) -> str:
    """Which encoders have learned something, and which have not."""
    tower = given.get("tower")
    trained = [f"{FAMILIES[kind]} ({Path(given[kind].weights).name})" for kind in FAMILIES if kind in given]
    trained.append("foley-tower" if tower is None else f"foley-tower ({Path(tower.weights).parent.name})")
    untrained = [name for kind, name in FAMILIES.items() if kind not in given]
    said = f"Encoders with trained weights: {', '.join(trained)}."
    if not untrained:
        return said
    asked = " ".join(f"`--encoder {kind}=WORDS`" for kind in FAMILIES if kind not in given)
    return (
        f"{said} Small and **untrained** here, for want of weights ({asked}): {', '.join(untrained)}; their rows "
        "show that each works from picture to figure, not which one is better."
    )


def missing_systems(result: TableResult) -> list[str]:
    """The paper's other systems whose samples nobody gave."""
    return [name for name in result.table.others if name not in result.rows]


def _table(result: TableResult) -> str:
    measured = [
        metric
        for metric in result.report.metrics
        if metric.not_measured is None and metric.about.direction != "none"
    ]
    head = ["", *(metric.about.title for metric in measured)]
    lines = [head, ["---"] * len(head)]
    lines += [
        [name, *(_cell(metric, metric.figures.get(name)) for metric in measured)] for name in result.rows
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(metric: MetricResult, figure: Figure | None) -> str:
    if figure is None or figure.mean is None:
        return "–"
    about = metric.about
    said = number(figure.mean.value, about)
    if ends := span(figure.mean, about):
        said += f" ({ends})"
    if figure.shuffled is not None:
        said += f"; shuffled {number(figure.shuffled.value, about)}"
    return said
