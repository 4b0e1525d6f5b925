"""Cuts made up as plain records, so that the panel's drawing is tested without reading a timeline."""

from __future__ import annotations

from fractions import Fraction

from engine.protocol import Span, rational
from foley_plugin.timeline.records import ClipRecord, CutRecord, ItemRecord, TrackRecord

RATE = Fraction(24000, 1001)
START = Fraction(3600 * 1001, 1000)


def clip(
    name: str,
    index: int,
    in_frame: int,
    out_frame: int,
    *,
    track: str = "V1",
    media: str | None = "/footage/shot.mp4",
    reason: str | None = None,
    speed: Fraction = Fraction(1),
    source_frame: int = 0,
) -> ClipRecord:
    """A clip between two frames of the timeline, its media at the same rate."""
    duration = (out_frame - in_frame) / RATE
    source_in = source_frame / RATE
    span = Span(rational(duration), rational(source_in), rational(speed))
    return ClipRecord(
        name=name,
        track=track,
        index=index,
        record_in=rational(in_frame / RATE),
        record_out=rational(out_frame / RATE),
        source_in=rational(source_in),
        source_out=rational(source_in + duration * abs(speed)),
        media=media,
        eligible=reason is None,
        reason=reason,
        spans=[span],
        layer=int(track[1:]),
    )


def cut_of(*clips: ClipRecord, path: str = "/cuts/scene.otio", drop_frame: bool = False) -> CutRecord:
    """A cut of these clips, a track for each track name, and one production audio track under V1."""
    names = sorted({record.track for record in clips})
    tracks = [_track(name, [record for record in clips if record.track == name]) for name in names]
    lowest = [record for record in clips if record.track == names[0]] if names else []
    sound = [
        ItemRecord(record.name, record.record_in, record.record_out, "clip", record.media)
        for record in lowest
    ]
    tracks.append(TrackRecord("A1", "Production", "Audio", True, sound))
    duration = max((Fraction(*record.record_out) for record in clips), default=Fraction(0))
    return CutRecord(
        path=path,
        name="Scene",
        rate=rational(RATE),
        start=rational(START),
        drop_frame=drop_frame,
        duration=rational(duration),
        tracks=tracks,
        clips=list(clips),
        notices=[],
        source_sha256="0" * 64,
    )


def _track(name: str, clips: list[ClipRecord]) -> TrackRecord:
    items = [
        ItemRecord(
            record.name,
            record.record_in,
            record.record_out,
            "clip",
            record.media,
            record.source_in,
            record.index,
        )
        for record in clips
    ]
    return TrackRecord(name, f"Video {name[1:]}", "Video", True, items)
