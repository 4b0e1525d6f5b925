"""Is the machine idle enough to be timed? Two programs on two cores slow each other by 5 to 90 times."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from engine.errors import FoleyError

PRESSURE = Path("/proc/pressure/cpu")
MAX_PRESSURE_PERCENT = 5.0
"""Share of the last ten seconds in which some task waited for a processor; idle machines show below 1."""
MAX_BUSY_PERCENT = 20.0
"""Of all processors together, where the system tells no pressure."""
PATIENCE_S = 20.0
"""The ten-second mean remembers what just ended, this program's own start among it."""


class MachineBusy(FoleyError):
    """Other programs would be measured too."""

    code = "machine_busy"


def refuse_under_load(
    *,
    patience_s: float = PATIENCE_S,
    pressure: Path = PRESSURE,
    sleep: Callable[[float], None] = time.sleep,
) -> float:
    """Wait until other programs leave the processors alone, but not for long.

    Returns:
        The load that was seen at the end, in percent (see `load_percent`).

    Raises:
        MachineBusy: they did not within `patience_s`.
    """
    limit = MAX_PRESSURE_PERCENT if pressure.is_file() else MAX_BUSY_PERCENT
    waited_s = 0.0
    while (percent := load_percent(pressure)) > limit:
        if waited_s >= patience_s:
            raise MachineBusy(
                f"Other programs keep the processors busy ({percent:.0f} % where {limit:.0f} % is the most): "
                "close them or wait, then measure again."
            )
        sleep(1.0)
        waited_s += 1.0
    return percent


def load_percent(pressure: Path = PRESSURE) -> float:
    """Linux: `some avg10` of the processors' pressure. Elsewhere: how busy they are, over a second."""
    try:
        some = next(
            line for line in pressure.read_text(encoding="ascii").splitlines() if line.startswith("some")
        )
    except (OSError, StopIteration):
        import psutil

        return float(psutil.cpu_percent(interval=1.0))
    fields = dict(field.split("=") for field in some.split()[1:])
    return float(fields["avg10"])
