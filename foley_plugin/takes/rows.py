"""Rows of the database as records: the columns to ask for, and what to make of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.protocol import Hit
from foley_plugin.takes.records import Cue, JobState, Spotting, StoredJob, StoredTake

CUE_COLUMNS = "id, key, media, label, layer, spotting"
JOB_COLUMNS = "id, cue_id, state, request, sentence, created_at, ended_at"
TAKE_COLUMNS = (
    "id, cue_id, job_id, wav, label, seed, hits, wall_s, peak_dbfs, sha256, recipe, "
    "onset_f1_100ms, created_at"
)


def cue_of(row: Sequence[object]) -> Cue:
    values = list(row)
    values[5] = None if values[5] is None else msgspec.json.decode(str(values[5]), type=Spotting)
    return Cue(*values)  # type: ignore[arg-type]


def job_of(row: Sequence[object]) -> StoredJob:
    job_id, cue_id, state, request, *rest = row
    return StoredJob(job_id, cue_id, JobState(str(state)), str(request).encode(), *rest)  # type: ignore[arg-type]


def take_of(row: Sequence[object]) -> StoredTake:
    values = list(row)
    values[6] = msgspec.json.decode(str(values[6]), type=list[Hit])
    values[10] = msgspec.json.decode(str(values[10]))
    return StoredTake(*values)  # type: ignore[arg-type]
