"""Which picture of which file is seen at a moment of the timeline. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from foley_plugin.qtmodels.lanes import seconds
from foley_plugin.timeline.records import ClipRecord


@dataclass(frozen=True)
class SeenPicture:
    """`time_s` counts from the media's first frame."""

    media: str
    time_s: float


def source_time_s(clip: ClipRecord, record_s: float) -> float:
    """Where in the media the picture at `record_s` of the timeline comes from, retimes applied."""
    in_clip_s = record_s - seconds(clip.record_in)
    for span in clip.spans:
        duration_s = seconds(span.duration)
        if in_clip_s < duration_s or span is clip.spans[-1]:
            return seconds(span.source_start) + in_clip_s * seconds(span.speed)
        in_clip_s -= duration_s
    return seconds(clip.source_in) + in_clip_s


def picture_of(clip: ClipRecord, record_s: float) -> SeenPicture | None:
    if clip.media is None or clip.is_checking:
        return None
    return SeenPicture(clip.media, max(0.0, source_time_s(clip, record_s)))


class PictureIndex:
    """Answers what is seen: the topmost enabled clip at each moment. Titles cover nothing."""

    def __init__(self, clips: Iterable[ClipRecord]) -> None:
        seen = (clip for clip in clips if clip.enabled and clip.kind != "title")
        self._clips = sorted(seen, key=lambda clip: clip.layer, reverse=True)
        self._edges_s = [(seconds(clip.record_in), seconds(clip.record_out)) for clip in self._clips]

    def clip_at(self, record_s: float) -> ClipRecord | None:
        for clip, (in_s, out_s) in zip(self._clips, self._edges_s, strict=True):
            if in_s <= record_s < out_s:
                return clip
        return None
