"""The level that a take is exported at, found fast enough to be heard at once. No Qt, no scipy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from foley_plugin.qtmodels.listening_level import integrated_lufs, loudest_moment_lufs
from foley_plugin.qtmodels.mix import MIX_RATE
from foley_plugin.timeline.families import family_of_track

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def family_gain(samples: NDArray[np.float32], family_track: str) -> float:
    """The factor that brings what is heard of a take, [N, C] at `MIX_RATE`, to its family's level.

    As `takes.levels` finds it for an export; 1 where the track is of no family.
    """
    from foley_plugin.takes.levels import gain_for  # here, since numpy is not needed to start
    from foley_plugin.takes.loudness import Loudness, factor_of, true_peak_dbtp

    family = family_of_track(family_track)
    if family is None or not len(samples):
        return 1.0
    heard = Loudness(integrated_lufs(samples), loudest_moment_lufs(samples), -math.inf, -math.inf)
    return factor_of(gain_for(family, heard, true_peak_dbtp(samples, MIX_RATE)))
