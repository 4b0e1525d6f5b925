"""One gain for a whole delivery: a loudness target for all foley together, and the ceiling over every file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from foley_plugin.services.delivery.files import DeliveredFile
from foley_plugin.services.delivery.mix import Mix
from foley_plugin.takes.levels import CEILING_DBTP, in_steps


@dataclass(frozen=True)
class Trim:
    """What every file of a delivery is given, so that their balance stays.

    Attributes:
        loudness_lufs: of all foley together as it is delivered; None where no target was asked for.
        missing_lu: how far the ceiling keeps it below its target.
    """

    gain_db: float
    loudness_lufs: float | None = None
    missing_lu: float = 0.0


def trim_of(files: Sequence[DeliveredFile], whole: Mix, target_lufs: float | None) -> Trim:
    """The trim that keeps each file, and the whole where it has a target, below the ceiling.

    Args:
        whole: all foley together; measured only for a target.
        target_lufs: integrated loudness of the whole.
    """
    peaks = [file.source.loudness().true_peak_dbtp for file in files]
    if target_lufs is None:
        return Trim(in_steps(min(0.0, CEILING_DBTP - max(peaks, default=-math.inf))))
    measured = whole.loudness()
    if not math.isfinite(measured.integrated_lufs):
        return Trim(0.0, measured.integrated_lufs)
    wanted_db = target_lufs - measured.integrated_lufs
    gain_db = in_steps(min(wanted_db, CEILING_DBTP - max([*peaks, measured.true_peak_dbtp])))
    missing_lu = max(0.0, wanted_db - gain_db)
    return Trim(gain_db, measured.integrated_lufs + gain_db, missing_lu if missing_lu > 0.1 else 0.0)
