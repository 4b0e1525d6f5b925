"""What the command line prints and reports: tables, progress bars with time left, what `--json` tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from msgspec import Struct
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from engine.protocol import Hit, fraction
from foley_plugin.cli_reports import Report
from foley_plugin.jobs.generate import TakeReport
from foley_plugin.jobs.guide import Origin
from foley_plugin.jobs.job import Job
from foley_plugin.takes.records import JobState
from foley_plugin.timeline.preflight.findings import Finding, Severity
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.timecode import timecode_of_seconds

PIPE_WIDTH = 120


class ClipReport(Struct, frozen=True):
    """One clip as `inspect --json` tells it; seconds from the timeline's start."""

    name: str
    track: str
    index: int
    record_in_s: float
    record_out_s: float
    source_in_s: float
    source_out_s: float
    media: str | None
    eligible: bool
    reason: str | None


class InspectReport(Report, frozen=True):
    clips: list[ClipReport]


class SpottedClip(Struct, frozen=True, omit_defaults=True):
    """One clip as `spot --json` tells it; `time_s` from the clip's start."""

    name: str
    track: str
    index: int
    hits: list[Hit]
    origins: list[Origin] = []
    """With a guide track, of each hit: the picture, the sound, or both."""


class LeftOut(Struct, frozen=True):
    """One clip that cannot be used though it was asked for, and why."""

    clip: str
    track: str
    index: int
    reason: str


class SpotReport(Report, frozen=True):
    clips: list[SpottedClip]
    left_out: tuple[LeftOut, ...] = ()


class ExportReport(Report, frozen=True):
    """What `export --json` tells; `timeline` is None where nothing was written."""

    timeline: str | None
    findings: list[Finding]
    mended: list[str]


class GenerateReport(Report, frozen=True):
    """What `generate --json` and `demo --json` tell."""

    timeline: str | None
    takes: list[TakeReport]
    left_out: tuple[LeftOut, ...] = ()


def readers_console(*, stderr: bool = False) -> Console:
    """Where people read; wider than a terminal where a pipe reads it."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=PIPE_WIDTH)


def clip_report(clip: ClipRecord) -> ClipReport:
    return ClipReport(
        name=clip.name,
        track=clip.track,
        index=clip.index,
        record_in_s=float(fraction(clip.record_in)),
        record_out_s=float(fraction(clip.record_out)),
        source_in_s=float(fraction(clip.source_in)),
        source_out_s=float(fraction(clip.source_out)),
        media=clip.media,
        eligible=clip.eligible,
        reason=clip.reason,
    )


def left_out_reports(clips: Sequence[ClipRecord]) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(clip.name, clip.track, clip.index, clip.reason or "") for clip in clips)


def clips_table(cut: CutRecord) -> Table:
    """The clips of a cut, with absolute timecode."""
    table = Table(
        title=escape(f"{cut.name or Path(cut.path).name}   {_rate_text(cut)}"),
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for heading in ("clip", "in", "out", "media", "speed"):
        table.add_column(heading, no_wrap=True)
    for heading in ("name", "foley"):
        table.add_column(heading, overflow="fold")
    for clip in cut.clips:
        table.add_row(
            f"{clip.track}:{clip.index}",
            _timecode(cut, clip.record_in),
            _timecode(cut, clip.record_out),
            f"{float(fraction(clip.source_in)):.2f}-{float(fraction(clip.source_out)):.2f} s",
            escape(clip.speed_note or ""),
            escape(" in ".join(part for part in (clip.name, clip.nest) if part)),
            "yes" if clip.eligible else escape(clip.reason or "no"),
        )
    return table


ORIGIN_SIGNS = {Origin.PICTURE: "", Origin.SOUND: " heard", Origin.BOTH: " seen and heard"}


def spot_table(clips: Sequence[SpottedClip]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("clip", "name", "hits", "at (seconds from the clip's start)"):
        table.add_column(heading, overflow="fold")
    for clip in clips:
        origins = clip.origins or [Origin.PICTURE] * len(clip.hits)
        times = "  ".join(
            f"{hit.time_s:.2f}{ORIGIN_SIGNS[origin]}" for hit, origin in zip(clip.hits, origins, strict=True)
        )
        table.add_row(f"{clip.track}:{clip.index}", escape(clip.name), str(len(clip.hits)), times)
    return table


SEVERITY_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


def findings_table(findings: Sequence[Finding]) -> Table:
    """What a preflight found; `mend` says which of it --mend puts right."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "what", "what to do", "mend"):
        table.add_column(heading, overflow="fold")
    for found in findings:
        colour = SEVERITY_COLOURS[found.severity]
        mend = "" if found.mend is None else found.mend.value.replace("_", " ")
        severity = f"[{colour}]{found.severity.value}[/]"
        table.add_row(severity, escape(found.what), escape(found.remedy), mend)
    return table


def takes_table(takes: Sequence[TakeReport], hit_counts: Sequence[int]) -> Table:
    """Takes with their cost: the real-time factor is the time it took over the WAV's length."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("clip", overflow="fold")
    table.add_column("label", overflow="fold")
    for heading in ("hits", "seconds", "real-time\nfactor", "onset F1\nat 100 ms"):
        table.add_column(heading, justify="right")
    for take, num_hits in zip(takes, hit_counts, strict=True):
        wav_s = take.head_s + take.duration_s + take.tail_s
        table.add_row(
            escape(take.clip),
            escape(take.label),
            str(num_hits),
            f"{take.duration_s:.2f}",
            f"{take.wall_s / wav_s:.2f}",
            "-" if take.onset_f1_100ms is None else f"{take.onset_f1_100ms:.2f}",
        )
    return table


class JobBars:
    """One bar over all jobs, with the time left; a line for each job that has ended."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("starting the engine", total=None)
        self._jobs: Sequence[Job] = ()
        self._ended: set[int] = set()

    def begin(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._progress.update(self._task, total=sum(map(_weight, jobs)))

    def update(self, job: Job) -> None:
        done = sum(_weight(each) * (each.fraction if each.is_open else 1.0) for each in self._jobs)
        clip = job.selected.clip
        text = f"{clip.track}:{clip.index} {clip.name} {job.stage or 'starting the engine'}"
        self._progress.update(self._task, completed=done, description=escape(text))
        if not job.is_open and job.id not in self._ended:
            self._ended.add(job.id)
            if job.state is JobState.FINISHED:
                wavs = ", ".join(Path(take.wav).name for take in job.takes)
                self._progress.console.print(
                    f"{clip.track}:{clip.index} {wavs}", markup=False, soft_wrap=True
                )


@contextmanager
def bars(console: Console) -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield progress


def _weight(job: Job) -> float:
    """Seconds of sound that a job makes; what its time goes with."""
    return float(job.plan.picture.duration) * len(job.request.wav_paths)


def _rate_text(cut: CutRecord) -> str:
    rate = fraction(cut.rate)
    return f"{float(rate):.3f}".rstrip("0").rstrip(".") + " fps" + (" drop-frame" if cut.drop_frame else "")


def _timecode(cut: CutRecord, time: tuple[int, int]) -> str:
    absolute: Fraction = fraction(time) + fraction(cut.start)
    return timecode_of_seconds(absolute, fraction(cut.rate), drop_frame=cut.drop_frame)
