"""The cues of a cut as a person reads them: one line each, numbered in the order of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path, PurePath

from engine.protocol import fraction, image_sequence
from foley_plugin.jobs.meant import MeantTake, meant_takes
from foley_plugin.jobs.project import with_project
from foley_plugin.timeline.families import Family, family_of
from foley_plugin.timeline.lanes import lanes_of
from foley_plugin.timeline.records import CutRecord, Placement
from foley_plugin.timeline.timecode import timecode_of_frames


@dataclass(frozen=True)
class HitPlace:
    """A hit on the timeline. `frame` counts from midnight, in frames of the timeline."""

    time_s: float
    """From the cut's start."""
    frame: int
    timecode: str
    strength: float


@dataclass(frozen=True)
class CueLine:
    """One cue of the sheet.

    Attributes:
        timecode_in, timecode_out: absolute; the out frame is the first one past the cue.
        reel: the media's file name; `clip` is what the cut calls it.
        hits: those within the cue.
        seed: of the take.
    """

    number: int
    timecode_in: str
    timecode_out: str
    duration_s: float
    label: str
    family: Family
    track: str
    clip: str
    reel: str
    hits: tuple[HitPlace, ...]
    seed: int
    note: str
    meant: MeantTake

    @property
    def take_name(self) -> str:
        return PurePath(self.meant.take.wav).name


@dataclass(frozen=True)
class CueList:
    """Every cue of a cut that has a take."""

    cut: CutRecord
    lines: tuple[CueLine, ...]

    @property
    def title(self) -> str:
        return self.cut.name or Path(self.cut.path).stem


def read_cues(cut: CutRecord, project: Path) -> CueList:
    """The cues of a cut from its project, which may be open elsewhere.

    Raises:
        ProjectError: there is no project, or it cannot be read.
        NothingToDo: it has no take for this cut.
    """
    return with_project(project, lambda store: cue_list(cut, meant_takes(store, cut), store.cue_book.notes()))


def cue_list(cut: CutRecord, meant: Sequence[MeantTake], notes: dict[int, str]) -> CueList:
    """Number the takes of a cut.

    Args:
        meant: in the order of the timeline.
        notes: by cue id.
    """
    lines = [
        _line(cut, number, each, notes.get(each.job.cue.id, "")) for number, each in enumerate(meant, start=1)
    ]
    return CueList(cut, tracked(lines, [each.placement for each in meant]))


def tracked(lines: Sequence[CueLine], placements: Sequence[Placement]) -> tuple[CueLine, ...]:
    """The lines with the names of their tracks, by what each of them covers of the timeline."""
    track_of = {id(placement): lane.name for lane in lanes_of(placements) for placement in lane.placements}
    return tuple(
        replace(line, track=track_of[id(placement)])
        for line, placement in zip(lines, placements, strict=True)
    )


def absolute_frame(cut: CutRecord, record_frame: int) -> int:
    """A frame of the timeline counted from midnight."""
    return record_frame + round(fraction(cut.start) * fraction(cut.rate))


def timecode(cut: CutRecord, record_frame: int) -> str:
    """Absolute timecode in the timeline's own way of counting."""
    return timecode_of_frames(
        absolute_frame(cut, record_frame), fraction(cut.rate), drop_frame=cut.drop_frame
    )


def _line(cut: CutRecord, number: int, meant: MeantTake, note: str) -> CueLine:
    plan, take, clip = meant.job.plan, meant.take, meant.job.selected.clip
    out_frame = plan.record_frame + plan.duration_frames
    return CueLine(
        number=number,
        timecode_in=timecode(cut, plan.record_frame),
        timecode_out=timecode(cut, out_frame),
        duration_s=float(fraction(plan.duration)),
        label=take.label,
        family=family_of(take.label),
        track=meant.placement.track_name,
        clip=clip.name,
        reel=reel_of(clip.media or ""),
        hits=tuple(_hits(cut, meant)),
        seed=take.seed,
        note=note,
        meant=meant,
    )


def reel_of(media: str) -> str:
    """What a person calls the media: the file's name, or of an image sequence that of its images."""
    images = image_sequence(media)
    if images is None:
        return PurePath(media.replace("\\", "/")).name
    prefix = PurePath(images.prefix.replace("\\", "/") + "_").name[:-1]
    return f"{prefix}[{images.first}-{images.last}]{images.suffix}"


def _hits(cut: CutRecord, meant: MeantTake) -> list[HitPlace]:
    """A hit lies on the frame that is on screen at its moment."""
    rate = fraction(cut.rate)
    start, end = meant.job.selected.record_in, meant.job.selected.record_out
    places = []
    for hit in meant.take.hits:
        moment = start + Fraction(hit.time_s).limit_denominator(1_000_000)
        if start <= moment < end:
            frame = int(moment * rate + Fraction(1, 1000))
            places.append(
                HitPlace(float(moment), absolute_frame(cut, frame), timecode(cut, frame), hit.strength)
            )
    return places
