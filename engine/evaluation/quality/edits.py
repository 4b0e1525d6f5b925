"""Is an edited hit followed? One hit of a list is moved, added or deleted, and the same seed drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from engine.evaluation.bootstrap import Interval
from engine.evaluation.quality import QualityFigure, Target, unmeasured
from engine.evaluation.quality.bench import Bench, spread
from engine.evaluation.quality.making import Ask, Take
from engine.media.matching import times_of
from engine.media.onsets import SAMPLE_RATE, detect_onsets
from engine.protocol import Hit

NAME, TITLE = "edits", "A moved, added or deleted hit is followed, median error"
TARGET = Target("at most", 40.0)
HITS_S = (0.4, 1.2, 2.0)
EDITED = 1
DURATION_S = 2.6
MOVE_S = 0.3
MISSED_MS = 500.0
"""Error of an edit that is not followed at all."""
GONE_S = 0.1
"""Nothing may sound within this much of a deleted hit."""

Kind = Literal["moved", "added", "deleted"]
KINDS: tuple[Kind, ...] = ("moved", "added", "deleted")


class Edit(Struct, frozen=True):
    """`time_s`: where something must sound now, or, for a deleted hit, where nothing may."""

    kind: Kind
    before: tuple[Hit, ...]
    after: tuple[Hit, ...]
    time_s: float


def measure(bench: Bench) -> list[QualityFigure]:
    """Labels of sharp events, whose onsets can be measured; beside it the same for the takes before the edit."""
    labels = [label for label in bench.held_out_events.clean.events if label in bench.point_labels]
    chosen = spread(labels, bench.size.edits)
    if not chosen:
        return [unmeasured(NAME, TITLE, TARGET, "no tested label has sharp events")]
    edits = [edit_of(kind, bench.seed + number) for number in range(len(chosen)) for kind in KINDS]
    plain = [
        Ask(label, DURATION_S, edits[len(KINDS) * i].before, seed=bench.seed + i)
        for i, label in enumerate(chosen)
    ]
    asks = [replace(plain[i // len(KINDS)], hits=edit.after) for i, edit in enumerate(edits)]
    takes = bench.make([*plain, *asks])
    originals, edited = takes[: len(plain)], takes[len(plain) :]
    return [figure_of(edits, [originals[i // len(KINDS)] for i in range(len(edits))], edited, bench.seed)]


def edit_of(kind: Kind, seed: int) -> Edit:
    """One edit of three hits; the middle one is moved or deleted, or a fourth added between."""
    rng = np.random.default_rng(seed)
    times_s = np.array(HITS_S) + rng.uniform(-0.1, 0.1, len(HITS_S))
    before = tuple(Hit(round(float(t), 4), round(float(rng.uniform(0.5, 1)), 3)) for t in times_s)
    others = before[:EDITED] + before[EDITED + 1 :]
    edited = before[EDITED]
    if kind == "deleted":
        return Edit(kind, before, others, edited.time_s)
    moved = replace(edited, time_s=round(edited.time_s + MOVE_S * float(rng.choice([-1, 1])), 4))
    kept = others if kind == "moved" else before
    return Edit(kind, before, tuple(sorted((*kept, moved), key=lambda hit: hit.time_s)), moved.time_s)


def figure_of(
    edits: Sequence[Edit], before: Sequence[Take], after: Sequence[Take], seed: int
) -> QualityFigure:
    errors = [error_ms(edit, take) for edit, take in zip(edits, after, strict=True)]
    unedited = [error_ms(edit, take) for edit, take in zip(edits, before, strict=True)]
    details = {"before the edit": float(np.median(unedited)), "edits": float(len(edits))}
    for kind in KINDS:
        of_kind = [error for edit, error in zip(edits, errors, strict=True) if edit.kind == kind]
        if kind == "deleted":
            details["deleted hits still heard"] = float(np.mean(np.array(of_kind) > 0))
        else:
            details[f"{kind}, median"] = float(np.median(of_kind))
            details[f"{kind}, not heard"] = float(np.mean(np.array(of_kind) >= MISSED_MS))
    return QualityFigure(NAME, TITLE, _median_interval(errors, seed), TARGET, "ms", 0, details)


def error_ms(edit: Edit, take: Take) -> float:
    """Milliseconds from where the edit put a hit to the nearest onset; of a deleted one, 0 where nothing sounds."""
    onsets_s = times_of(detect_onsets(take.at_rate(SAMPLE_RATE)))
    nearest_s = min((abs(onset_s - edit.time_s) for onset_s in onsets_s), default=np.inf)
    if edit.kind == "deleted":
        return 0.0 if nearest_s > GONE_S else MISSED_MS
    return min(1000 * float(nearest_s), MISSED_MS)


def _median_interval(errors: Sequence[float], seed: int) -> Interval:
    values = np.array(errors)
    drawn = np.random.default_rng(seed).choice(values, (2000, values.size))
    low, high = np.quantile(np.median(drawn, axis=1), [0.025, 0.975])
    return Interval(float(np.median(values)), float(low), float(high))
