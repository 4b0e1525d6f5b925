"""Making one shard: what every worker does, on whatever machine.

A film can take the process that decodes it down, or hold it for ever. Before each clip a note says which one is
being tried; who comes after a death finds the note, tries that clip once more, and after a second death lists it
as broken. A watchdog ends a process that stays with one clip too long, which then is such a death.
"""

from __future__ import annotations

import contextlib
import faulthandler
import hashlib
import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec
import torch
from msgspec import Struct

from engine.config import EncoderConfig
from engine.errors import Cancelled, FoleyError
from engine.training.corpus import EncodedClip
from engine.training.prepare.film import MadeClip, make_clip
from engine.training.prepare.listing import ClipSource
from engine.training.prepare.manifest import (
    WORK_FOLDER,
    BrokenClip,
    ClipRecord,
    DataError,
    Plan,
    ShardRecord,
    record_path,
    shard_file,
    write_bytes,
    write_record,
)
from engine.training.prepare.shard import shard_bytes
from engine.training.prepare.tools import Tools

MAX_DEATHS_AT_A_CLIP = 2
MAX_DEATHS_AT_A_SHARD = 40
"""More than that is no matter of single clips."""


class Job(Struct, frozen=True):
    """What all workers of a run share. Paths are absolute."""

    out: str
    codec: str
    encoder: EncoderConfig
    plan: Plan
    clip_timeout_s: float


class ShardWork(Struct, frozen=True):
    """One shard to be made: its number and its clips."""

    number: int
    clips: tuple[ClipSource, ...]


class ShardDone(Struct, frozen=True):
    """A shard that is whole on disk."""

    number: int
    num_clips: int
    num_broken: int


class _Note(Struct):
    """`at` is the clip being tried; `tries` counts, by clip, the tries that have not ended."""

    at: int = 0
    tries: dict[int, int] = {}


def make_shard(job: Job, work: ShardWork, should_stop: Callable[[], bool] = lambda: False) -> ShardDone:
    """Make and write one shard, its record last. A clip that cannot be used is listed, never fatal.

    Raises:
        Cancelled: `should_stop` said so, between two clips.
        DataError: this machine's codec or encoder is not the plan's.
        OutputError: the disk is full.
    """
    tools = _opened(job)
    note_path = note_file(Path(job.out), work.number)
    note = _read_note(note_path)
    pieces: list[EncodedClip] = []
    records: list[ClipRecord] = []
    broken: list[BrokenClip] = []
    for at, clip in enumerate(work.clips):
        if should_stop():
            raise Cancelled("The preparation was stopped; the same command goes on with it.")
        made = _tried(job, clip, at, note, note_path, tools)
        if isinstance(made, BrokenClip):
            broken.append(made)
            continue
        labelled = [_labelled(piece.clip, clip.label, job.plan) for piece in made.pieces]
        pieces += labelled
        records.append(_record(clip, made))
    note.at = len(work.clips)
    _write_note(note_path, note)
    _write(job, work, pieces, records, broken)
    note_path.unlink(missing_ok=True)
    return ShardDone(work.number, len(work.clips), len(broken))


@lru_cache(maxsize=1)
def _opened(job: Job) -> Tools:
    """The networks, opened once a process and checked against the plan: another machine may hold other weights."""
    torch.set_num_threads(1)
    tools = Tools.open(Path(job.codec), job.encoder, job.plan.device)
    mine = (tools.codec_identity(), tools.encoder_identity(job.plan.encoder.prompt_dim))
    if mine != (job.plan.codec, job.plan.encoder):
        raise DataError(
            "A worker finds another codec or encoder under the names that were given: let every machine see the "
            "same files."
        )
    return tools


def _tried(
    job: Job, clip: ClipSource, at: int, note: _Note, note_path: Path, tools: Tools
) -> MadeClip | BrokenClip:
    if clip.path is None:
        return BrokenClip(clip.name, clip.trouble or "There is no such film.")
    deaths = note.tries.get(at, 0)
    if deaths >= MAX_DEATHS_AT_A_CLIP:
        return BrokenClip(clip.name, "The process that decodes it dies, or takes for ever.")
    note.at, note.tries[at] = at, deaths + 1
    _write_note(note_path, note)
    path = Path(clip.path)
    try:
        with _watched(job.clip_timeout_s):
            return make_clip(path, tools, job.plan.features_per_s)
    except FoleyError as error:
        return BrokenClip(clip.name, error.sentence.replace(clip.path, clip.name))
    finally:
        del note.tries[at]


@contextlib.contextmanager
def _watched(timeout_s: float) -> Iterator[None]:
    """End this process if the block takes too long; a decoder that hangs hears no exception."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        faulthandler.dump_traceback_later(timeout_s, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def _labelled(piece: EncodedClip, label: str | None, plan: Plan) -> EncodedClip:
    number = None if label is None else plan.labels.index(label)
    return EncodedClip(piece.codes, piece.features, piece.features_per_s, piece.curve, number, piece.hits)


def _record(clip: ClipSource, made: MadeClip) -> ClipRecord:
    return ClipRecord(
        name=clip.name,
        label=clip.label,
        hits_from=made.hits_from,
        num_hits=sum(len(piece.clip.hits) for piece in made.pieces),
        pieces_s=tuple(piece.start_s for piece in made.pieces),
    )


def _write(
    job: Job, work: ShardWork, pieces: list[EncodedClip], records: list[ClipRecord], broken: list[BrokenClip]
) -> None:
    path = Path(job.out) / shard_file(work.number)
    data = shard_bytes(pieces, job.plan)
    write_bytes(path, data)
    record = ShardRecord(
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        num_pieces=len(pieces),
        num_frames=sum(piece.codes.shape[1] for piece in pieces),
        clips=tuple(records),
        broken=tuple(broken),
    )
    write_record(record_path(path), record)


def note_file(out: Path, number: int) -> Path:
    return out / WORK_FOLDER / f"trying-{number:05d}.json"


def clips_tried(out: Path) -> int:
    """How many clips of the shards under way are behind their workers."""
    return sum(_read_note(path).at for path in (out / WORK_FOLDER).glob("trying-*.json"))


def _read_note(path: Path) -> _Note:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Note)
    except (OSError, msgspec.MsgspecError):
        return _Note()


def _write_note(path: Path, note: _Note) -> None:
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_bytes(msgspec.json.encode(note))
    os.replace(partial, path)
