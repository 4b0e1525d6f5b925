"""What the rounds of the language model's benchmark come to: medians, ratios of neighbours in time, targets."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from msgspec import Struct

from engine.evaluation.load import Load
from engine.evaluation.speed_peer import PeerTimes


class OwnRun(Struct, frozen=True):
    """One round of one of our types of weights: a window, several side by side, and steps early and late by turns."""

    steps_s: list[float]
    batch_s: float | None
    bandwidth_gb_s: float
    """Around the window."""
    turns_s: list[tuple[float, float]]
    """A step around 50 and one around 500, a pair each turn."""

    @property
    def window_s(self) -> float:
        return sum(self.steps_s)


class OwnTimes(Struct, frozen=True):
    """Windows of 10 s by one of our types of weights. Times in seconds, steps in milliseconds."""

    dtype: str
    backend: str
    windows_s: list[float]
    median_s: float
    floor_s: float
    """(weights + mean of the cache) / bandwidth, a window."""
    over_floor: float
    """The median of windows over the floors of their own moments: what a machine shares with others changes."""
    early_step_ms: float
    late_step_ms: float
    step_growth: float
    """A late step over an early one: the median of the turns' own ratios."""
    batches_s: list[float]
    """Eight windows side by side, a run each round; none where that was not measured."""
    batch_s: float | None
    """Their median."""
    batch_gain: float | None
    """Throughput over one window's: the median of the rounds' own ratios, of runs that stood side by side in time."""
    peak_bytes: int | None
    """Of a process that loads the model from disk and draws two steps of a window."""
    allowed_bytes: int


class PeerSummary(Struct, frozen=True):
    """The peer's windows over all rounds; `step_ms` are medians over the rounds, one a position."""

    dtype: str
    windows_s: list[float]
    median_s: float
    is_whole: bool
    positions: list[int]
    step_ms: list[float]
    timed_steps: int
    """Of all rounds together: so many steps the figures stand on."""


class Target(Struct, frozen=True):
    """One line of the table: what was aimed at and what was measured."""

    what: str
    figure: float
    limit: float
    is_met: bool


class LMSpeed(Struct, frozen=True):
    num_threads: int
    load: Load
    rounds: int
    least_gb_s: float
    most_gb_s: float
    own: list[OwnTimes]
    peer: list[PeerSummary]
    targets: list[Target]


def own_times(
    dtype: str,
    backend: str,
    runs: Sequence[OwnRun],
    *,
    batch: int,
    read_bytes: float,
    allowed_bytes: int,
    peak_bytes: int | None,
) -> OwnTimes:
    """
    Args:
        runs: one a round.
        batch: how many windows were drawn side by side.
        read_bytes: what a step reads at the mean.
    """
    windows_s = [run.window_s for run in runs]
    floors_s = [len(run.steps_s) * read_bytes / run.bandwidth_gb_s / 1e9 for run in runs]
    turns = [turn for run in runs for turn in run.turns_s]
    pairs = [(run.window_s, run.batch_s) for run in runs if run.batch_s is not None]
    return OwnTimes(
        dtype=dtype,
        backend=backend,
        windows_s=windows_s,
        median_s=median(windows_s),
        floor_s=median(floors_s),
        over_floor=median(taken / floor for taken, floor in zip(windows_s, floors_s, strict=True)),
        early_step_ms=1000 * median(early for early, _ in turns),
        late_step_ms=1000 * median(late for _, late in turns),
        step_growth=median(late / early for early, late in turns),
        batches_s=[batch_s for _, batch_s in pairs],
        batch_s=median(batch_s for _, batch_s in pairs) if pairs else None,
        batch_gain=median(batch * window_s / batch_s for window_s, batch_s in pairs) if pairs else None,
        peak_bytes=peak_bytes,
        allowed_bytes=allowed_bytes,
    )


def peer_summary(runs: Sequence[PeerTimes]) -> PeerSummary:
    """Of one type of weights, one run a round."""
    windows_s = [run.window_s for run in runs]
    return PeerSummary(
        dtype=runs[0].dtype,
        windows_s=windows_s,
        median_s=median(windows_s),
        is_whole=runs[0].is_whole,
        positions=runs[0].positions,
        step_ms=[median(steps) for steps in zip(*(run.step_ms for run in runs), strict=True)],
        timed_steps=sum(run.timed_steps for run in runs),
    )


def targets_of(own: Sequence[OwnTimes], peer: Sequence[PeerSummary], batch: int) -> list[Target]:
    """The targets that these figures tell of."""
    times = {each.dtype: each for each in own}
    peers = {each.dtype: each.median_s for each in peer}
    found: list[Target] = []

    def aim(what: str, figure: float, limit: float, *, at_least: bool = False) -> None:
        found.append(Target(what, figure, limit, figure >= limit if at_least else figure <= limit))

    for dtype, against, limit in (
        ("int8", "bfloat16", 0.25),
        ("bfloat16", "bfloat16", 0.5),
        ("int8", "float32", 0.1),
    ):
        if dtype in times and against in peers:
            aim(f"{dtype} window over the peer's in {against}", times[dtype].median_s / peers[against], limit)
    if "int8" in times:
        aim("int8 window over its floor", times["int8"].over_floor, 1.6)
        aim("seconds for a window of 10 s, int8", times["int8"].median_s, 10.0)
    for dtype, each in times.items():
        aim(f"step 500 over step 50, {dtype}", each.step_growth, 1.2)
        if each.batch_gain is not None:
            aim(
                f"throughput of {batch} windows over one, {dtype}",
                each.batch_gain,
                2.5 if dtype == "int8" else 4.0,
                at_least=True,
            )
        if each.peak_bytes is not None:
            aim(
                f"peak memory over weights, cache and 0.6 GB, {dtype}",
                each.peak_bytes / each.allowed_bytes,
                1.0,
            )
    return found


def as_table(speed: LMSpeed) -> str:
    """The figures for people."""
    lines = [
        f"10 s window of the paper's model, random weights, guidance, top-k 256; {speed.num_threads} threads, "
        f"{speed.least_gb_s:.1f} to {speed.most_gb_s:.1f} GB/s; medians of {speed.rounds} rounds; {speed.load}",
        f"{'':26}{'window s':>9}{'floor s':>9}{'step 50':>9}{'step 500':>9}{'8 at once':>10}{'peak GB':>9}",
    ]
    for each in speed.own:
        batch = "" if each.batch_s is None else f"{each.batch_s:.1f}"
        peak = "" if each.peak_bytes is None else f"{each.peak_bytes / 1e9:.2f}"
        lines.append(
            f"{'foley ' + each.dtype:26}{each.median_s:>9.2f}{each.floor_s:>9.2f}{each.early_step_ms:>9.1f}"
            f"{each.late_step_ms:>9.1f}{batch:>10}{peak:>9}"
        )
    lines += [
        f"{'transformers ' + peer.dtype:26}{peer.median_s:>9.2f}   {how_timed(peer)}" for peer in speed.peer
    ]
    for target in speed.targets:
        verdict = "met" if target.is_met else "MISSED"
        lines.append(f"{target.what:52}{target.figure:>8.3f}   target {target.limit:g}: {verdict}")
    return "\n".join(lines)


def how_timed(peer: PeerSummary) -> str:
    """How many of its steps, where, and how long they took."""
    steps = ", ".join(
        f"{step_ms:.1f} ms at {at}" for step_ms, at in zip(peer.step_ms, peer.positions, strict=True)
    )
    how = "drawn whole" if peer.is_whole else "the mean of the timed steps times a window's"
    return f"{how}; {peer.timed_steps} steps timed: {steps}"
