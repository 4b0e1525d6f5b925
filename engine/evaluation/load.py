"""Is the machine idle enough to be timed? Two programs on two cores slow each other by 5 to 90 times.

It is looked at twice: before anything is timed, and afterwards over all of it, by what other programs took of the
processors meanwhile.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from msgspec import Struct

from engine.errors import FoleyError

PRESSURE = Path("/proc/pressure/cpu")
STAT = Path("/proc/stat")
MAX_PRESSURE_PERCENT = 5.0
"""Share of the last ten seconds in which some task waited for a processor; idle machines show below 1."""
MAX_BUSY_PERCENT = 20.0
"""Of all processors together, where the system tells no pressure."""
MAX_OTHERS_PERCENT = 5.0
"""Of all processors together, over all that is timed; idle machines show below 2, half of it the clocks' own error."""
PATIENCE_S = 20.0
"""The ten-second mean remembers what just ended, this program's own start among it."""

Seconds = Callable[[], float]


class MachineBusy(FoleyError):
    """Other programs would be measured too."""

    code = "machine_busy"


class Load(Struct, frozen=True):
    """What else the machine did, in percent.

    Attributes:
        before: see `load_percent`.
        others: processor time of other programs over all that was timed, of all processors' time; where the system
            does not tell, how busy the processors were in the second after it.
    """

    before: float
    others: float

    def __str__(self) -> str:
        return f"load {self.before:.1f} % before, other programs {self.others:.1f} % meanwhile"


@dataclass(frozen=True)
class LoadWatch:
    """From the moment it is made, over everything that is timed."""

    before: float
    stat: Path
    own_s: Seconds
    clock: Seconds
    busy_at_start_s: float | None
    own_at_start_s: float
    started_s: float

    @classmethod
    def begin(
        cls,
        *,
        patience_s: float = PATIENCE_S,
        pressure: Path = PRESSURE,
        stat: Path = STAT,
        own_s: Seconds | None = None,
        clock: Seconds = time.monotonic,
    ) -> LoadWatch:
        """
        Raises:
            MachineBusy: the machine is busy already, and stays so for `patience_s`.
        """
        before = refuse_under_load(patience_s=patience_s, pressure=pressure)
        own_s = own_s or own_processor_s
        return cls(before, stat, own_s, clock, busy_processor_s(stat), own_s(), clock())

    def end(self) -> Load:
        """
        Raises:
            MachineBusy: other programs took too much of the processors since the beginning.
        """
        busy_s, limit = busy_processor_s(self.stat), MAX_OTHERS_PERCENT
        if busy_s is None or self.busy_at_start_s is None:
            others, limit = busy_percent(), MAX_BUSY_PERCENT
        else:
            others_s = busy_s - self.busy_at_start_s - (self.own_s() - self.own_at_start_s)
            whole_s = (self.clock() - self.started_s) * (os.cpu_count() or 1)
            others = max(0.0, 100 * others_s / whole_s)
        if others > limit:
            raise MachineBusy(
                f"Other programs took {others:.0f} % of the processors while this was timed ({limit:.0f} % is the "
                "most), so nothing is reported: close them or wait, then measure again."
            )
        return Load(self.before, others)


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
        return busy_percent()
    fields = dict(field.split("=") for field in some.split()[1:])
    return float(fields["avg10"])


def busy_percent() -> float:
    """Of all processors together, over a second."""
    return float(psutil.cpu_percent(interval=1.0))


def busy_processor_s(stat: Path = STAT) -> float | None:
    """Linux: seconds of all processors that were not idle, since the machine's start; None elsewhere.

    What a hypervisor gave to other machines counts too (proc(5): user, nice, system, idle, iowait, irq, softirq,
    steal; the guests' that follow are in user already).
    """
    try:
        fields = stat.read_text(encoding="ascii").split("\n", 1)[0].split()
        user, nice, system, _idle, _iowait, *interrupts = (int(field) for field in fields[1:9])
    except (OSError, ValueError):
        return None
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def own_processor_s() -> float:
    """Of this process, of its children that have ended, and of those that run, with theirs."""
    ours = os.times()
    running_s = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.Error:  # ended just now
            continue
        running_s += times.user + times.system + times.children_user + times.children_system
    return ours.user + ours.system + ours.children_user + ours.children_system + running_s
