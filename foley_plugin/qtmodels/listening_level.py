"""How loud takes are, measured fast enough to be done while an editor listens. No Qt, no scipy.

Loudness is ITU-R BS.1770's: the filters are applied to the spectrum, stretch by stretch. What is delivered is measured
by `takes.loudness`; here takes are only brought to one level for the ear.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from foley_plugin.qtmodels.mix import MIX_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

BLOCK_S, HOP_S = 0.4, 0.1
OFFSET_LU = -0.691
ABSOLUTE_GATE_LUFS, RELATIVE_GATE_LU = -70.0, -10.0
STRETCH_SAMPLES = 20 * MIX_RATE
LEAD_SAMPLES = MIX_RATE
"""Read again before each stretch: the filters settle in it."""

SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""Numerators and denominators of BS.1770's two filters at 48 kHz."""

MAX_MATCH_DB = 12.0
"""A take that lies further off is left there: what would come up is its noise."""


def loudest_moment_lufs(samples: Samples) -> float:
    """The loudest 400 ms of [N, C] at `MIX_RATE`; minus infinity where there is no sound.

    It does not depend on the silence between hits, nor on how long the clip is.
    """
    outside = [0.0] * (_hops_per_block() - 1)
    return _lufs(max(_block_powers([*outside, *_hop_powers(samples), *outside])))


def integrated_lufs(samples: Samples) -> float:
    """The loudness of [N, C] at `MIX_RATE` with BS.1770's two gates; of less than a block its loudest moment."""
    if len(samples) < round(BLOCK_S * MIX_RATE):
        return loudest_moment_lufs(samples)
    hops = _hop_powers(samples)[: len(samples) // round(HOP_S * MIX_RATE)]
    powers = [power for power in _block_powers(hops) if _lufs(power) >= ABSOLUTE_GATE_LUFS]
    if not powers:
        return -math.inf
    gate_lufs = _lufs(sum(powers) / len(powers)) + RELATIVE_GATE_LU
    heard = [power for power in powers if _lufs(power) > max(ABSOLUTE_GATE_LUFS, gate_lufs)]
    return _lufs(sum(heard) / len(heard))


def _hop_powers(samples: Samples) -> list[float]:
    """The energy of each 100 ms, weighted, all channels together."""
    import numpy as np

    hop = round(HOP_S * MIX_RATE)
    powers: list[float] = []
    for start in range(0, len(samples), STRETCH_SAMPLES):
        lead = min(start, LEAD_SAMPLES)
        weighted = _weighted(samples[start - lead : start + STRETCH_SAMPLES])[lead:]
        whole = np.pad(weighted, ((0, -len(weighted) % hop), (0, 0)))
        powers += (whole**2).reshape(-1, hop, whole.shape[1]).sum(axis=(1, 2)).tolist()
    return powers


def _hops_per_block() -> int:
    return round(BLOCK_S / HOP_S)


def _block_powers(hops: list[float]) -> list[float]:
    """Mean squares of the blocks of 400 ms, one every 100 ms."""
    count, size = _hops_per_block(), round(HOP_S * MIX_RATE) * _hops_per_block()
    return [sum(hops[at : at + count]) / size for at in range(len(hops) - count + 1)] or [0.0]


def _lufs(mean_square: float) -> float:
    return OFFSET_LU + 10 * math.log10(mean_square) if mean_square > 1e-12 else -math.inf


def matching_gain(lufs: float, wanted_lufs: float) -> float | None:
    """The factor that brings a take to the level of another, for listening; None where one of them is silent.

    Args:
        lufs, wanted_lufs: the loudest moment of the take and of the other.
    """
    if not (math.isfinite(lufs) and math.isfinite(wanted_lufs)):
        return None
    gain_db = min(max(wanted_lufs - lufs, -MAX_MATCH_DB), MAX_MATCH_DB)
    return float(10 ** (gain_db / 20))


def _weighted(samples: Samples) -> NDArray[np.float64]:
    import numpy as np

    length = len(samples) + MIX_RATE  # silence in which the filters ring out, so that nothing wraps round
    spectrum = np.fft.rfft(samples, n=length, axis=0)
    return np.fft.irfft(spectrum * _response(length)[:, None], n=length, axis=0)[: len(samples)]


@lru_cache(maxsize=4)
def _response(length: int) -> NDArray[np.complex128]:
    import numpy as np

    z = np.exp(-2j * np.pi * np.fft.rfftfreq(length))
    whole = np.ones(len(z), np.complex128)
    for above, below in (SHELF, HIGH_PASS):
        whole *= np.polyval(above[::-1], z) / np.polyval(below[::-1], z)
    return whole
