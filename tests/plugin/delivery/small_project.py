"""A cut and a project with takes in it, made without an engine: clicks at known moments."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from engine.protocol import Hit, Span, Take, rational
from foley_plugin.jobs.generate import Wish, make_job
from foley_plugin.jobs.job import Job
from foley_plugin.takes.records import JobState
from foley_plugin.takes.store import Store
from foley_plugin.timeline.records import ClipRecord, CutRecord
from foley_plugin.timeline.selection import Selected
from tests.fakes.worker import write_clicks

FILM = Fraction(24000, 1001)
NTSC = Fraction(30000, 1001)


def clip_at(
    index: int, first_frame: int, frames: int, rate: Fraction, *, name: str = "", track: str = "V1"
) -> ClipRecord:
    """A clip on whole frames; each shows another second of its media."""
    record_in, duration = first_frame / rate, frames / rate
    return ClipRecord(
        name=name or f"shot_{index}.mov",
        track=track,
        index=index,
        record_in=rational(record_in),
        record_out=rational(record_in + duration),
        source_in=(5 + index, 1),
        source_out=rational(5 + index + duration),
        media=f"/footage/reel_{index}.mov",
        eligible=True,
        reason=None,
        spans=[Span(rational(duration), (5 + index, 1))],
        layer=int(track[1:]),
    )


def cut_of(
    *clips: ClipRecord,
    rate: Fraction,
    start_frames: int = 0,
    drop_frame: bool = False,
    frames: int = 240,
    name: str = "Reel 1",
) -> CutRecord:
    return CutRecord(
        path="/cuts/reel 1.otio",
        name=name,
        rate=rational(rate),
        start=rational(start_frames / rate),
        drop_frame=drop_frame,
        duration=rational(frames / rate),
        tracks=[],
        clips=list(clips),
        notices=[],
        source_sha256="",
    )


def make_take(
    store: Store,
    cut: CutRecord,
    clip: ClipRecord,
    label: str,
    times_s: Sequence[float],
    *,
    strength: float = 0.8,
    seed: int = 0,
    takes: int = 1,
    part: tuple[Fraction, Fraction] | None = None,
) -> Job:
    """Takes whose sound is a click at each time, counted from the clip's start."""
    edges = part or (Fraction(*clip.record_in), Fraction(*clip.record_out))
    job = make_job(store, cut, Selected(clip, *edges), Wish(label=label, seed=seed, takes=takes))
    job.start()
    hits = [Hit(time_s, strength) for time_s in times_s]
    for number, wav in enumerate(job.request.wav_paths):
        path = Path(wav)
        write_clicks(path, job.request, hits)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        take = Take(0, number, wav, label, seed + number, hits, 0.1, -3.0, sha256, {"seed": seed + number})
        job.keep(store.add_take(job.cue.id, job.id, take))
    job.finish()
    store.set_job_state(job.id, JobState.FINISHED)
    return job


def renamed(cut: CutRecord, name: str) -> CutRecord:
    return msgspec.structs.replace(cut, name=name)
