"""From a list of clips to a whole set: what is missing is made, what is there is kept."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.config import EncoderConfig, from_anywhere
from engine.errors import OutputError
from engine.training.prepare.executor import Executor
from engine.training.prepare.listing import ClipSource, Listing, no_such_film
from engine.training.prepare.manifest import (
    MANIFEST_FILE,
    PLAN_FILE,
    PROMPTS_FILE,
    WORK_FOLDER,
    DataError,
    HitsFrom,
    Manifest,
    Plan,
    ShardEntry,
    ShardRecord,
    read_record,
    record_path,
    sha256_of_file,
    shard_file,
    write_bytes,
    write_record,
)
from engine.training.prepare.prompts import prompt_table, prompts_bytes
from engine.training.prepare.tools import Tools, detector_sha256
from engine.training.prepare.work import Job, ShardWork, clips_tried

NAMED_REASONS = 3
"""Of a set without clips; the others are listed by `foley data check`."""
SAME_OR_NEW = "give the same, or another --out"


@dataclass(frozen=True)
class Preparation:
    """How clips are prepared. `codec` and `encoder` as `Tools.open` takes them."""

    codec: Path
    encoder: EncoderConfig
    features_per_s: int = 2
    shard_size: int = 256
    device: str = "cpu"
    clip_timeout_s: float = 600.0


@dataclass(frozen=True)
class Progress:
    """Clips done so far, those of shards under way among them; broken ones of finished shards."""

    done: int
    total: int
    broken: int


def prepare(
    listing: Listing,
    out: Path,
    preparation: Preparation,
    executor: Executor,
    *,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Manifest:
    """Make the set `out`, or finish one that was begun.

    Raises:
        DataError: the folder holds a set of other clips or made another way; or no clip can be used.
        CheckpointError, OutputError.
    """
    tools = Tools.open(preparation.codec, preparation.encoder, preparation.device)
    prompts = prompt_table(tools.encoder, listing.labels)
    plan = _plan(listing, preparation, tools, None if prompts is None else prompts.shape[1])
    del tools
    _begin(out, plan)
    if prompts is not None:
        write_bytes(out / PROMPTS_FILE, prompts_bytes(prompts))
    work = _shards(listing, preparation.shard_size)
    job = Job(
        out=str(out.absolute()),
        codec=str(preparation.codec.absolute()),
        encoder=from_anywhere(preparation.encoder),
        plan=plan,
        clip_timeout_s=preparation.clip_timeout_s,
    )
    _make_missing(job, work, executor, on_progress)
    manifest = _collected(out, plan)
    write_record(out / MANIFEST_FILE, manifest)
    shutil.rmtree(out / WORK_FOLDER, ignore_errors=True)
    if not manifest.num_clips:
        _refuse_empty(out, manifest)
    return manifest


def _refuse_empty(out: Path, manifest: Manifest) -> None:
    reasons = " ".join(f"{clip.name}: {clip.reason}" for clip in manifest.broken[:NAMED_REASONS])
    raise DataError(
        f"None of {len(manifest.broken)} clips can be used: `foley data check {out}` lists them all. {reasons}"
    )


def _plan(listing: Listing, preparation: Preparation, tools: Tools, prompt_dim: int | None) -> Plan:
    return Plan(
        codec=tools.codec_identity(),
        encoder=tools.encoder_identity(prompt_dim),
        features_per_s=preparation.features_per_s,
        detector_sha256=detector_sha256(),
        clips_sha256=listing.sha256,
        num_clips=len(listing.clips),
        labels=listing.labels,
        split=listing.split,
        shard_size=preparation.shard_size,
        device=preparation.device,
    )


def _begin(out: Path, plan: Plan) -> None:
    """Write the plan, or see that the one that is there is the same; forget the notes of runs before."""
    try:
        (out / WORK_FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder {out} cannot be made ({error.strerror}): choose another --out."
        ) from error
    if (out / PLAN_FILE).is_file():
        _refuse_another(out, read_record(out / PLAN_FILE, Plan), plan)
    else:
        write_record(out / PLAN_FILE, plan)
    for note in (out / WORK_FOLDER).glob("trying-*"):
        note.unlink(missing_ok=True)


def _refuse_another(out: Path, begun: Plan, wanted: Plan) -> None:
    differing = [name for name in begun.__struct_fields__ if getattr(begun, name) != getattr(wanted, name)]
    if not differing:
        return
    words = {
        "clips_sha256": "clips",
        "num_clips": "number of clips",
        "detector_sha256": "onset detector",
        "format": "version of foley",
    }
    if msgspec.structs.replace(begun.encoder, framing=wanted.encoder.framing) == wanted.encoder:
        words["encoder"] = "framing of the pictures"
    named = [words.get(name, name.replace("_", " ")) for name in differing]
    raise DataError(f"The set in {out} was begun with another {', '.join(named)}: {SAME_OR_NEW}.")


def _shards(listing: Listing, size: int) -> list[ShardWork]:
    """The sorted list cut into shards: which clip goes where depends on nothing else."""
    starts = range(0, len(listing.clips), size)
    return [ShardWork(number, listing.clips[start : start + size]) for number, start in enumerate(starts)]


def _make_missing(
    job: Job, work: Sequence[ShardWork], executor: Executor, on_progress: Callable[[Progress], None]
) -> None:
    out = Path(job.out)
    finished = {shard.number: record for shard in work if (record := _finished(out, shard)) is not None}
    missing = {shard.number: shard for shard in work if shard.number not in finished}
    total, broken = job.plan.num_clips, sum(len(record.broken) for record in finished.values())

    def tell() -> None:
        done = total - sum(len(shard.clips) for shard in missing.values())
        on_progress(Progress(min(done + clips_tried(out), total), total, broken))

    tell()
    if not missing:
        return
    with closing(executor.run(job, list(missing.values()))) as shards:
        for shard in shards:
            if shard is not None:
                del missing[shard.number]
                broken += shard.num_broken
            tell()


def _finished(out: Path, shard: ShardWork) -> ShardRecord | None:
    """A shard's record, if the shard is whole and its films are what they were."""
    path = out / shard_file(shard.number)
    if not record_path(path).is_file():
        return None
    record = read_record(record_path(path), ShardRecord)
    is_whole = (
        path.is_file()
        and path.stat().st_size == record.size_bytes
        and sha256_of_file(path) == record.sha256
        and not _has_changed(shard.clips, record, record_path(path).stat().st_mtime)
    )
    return record if is_whole else None


def _has_changed(clips: Sequence[ClipSource], record: ShardRecord, made_s: float) -> bool:
    """Whether a film was written after the shard was; a broken one, also if it was only then found in its place."""
    broken = {clip.name: clip.reason for clip in record.broken}
    for clip in clips:
        if clip.path is None:
            continue
        if broken.get(clip.name) == no_such_film(clip.name):
            return True
        film = Path(clip.path)
        for file in (film, film.with_suffix(".json")):
            if file.is_file():
                stat = file.stat()
                since_s = max(stat.st_mtime, stat.st_ctime) if clip.name in broken else stat.st_mtime
                if since_s > made_s:
                    return True
    return False


def _collected(out: Path, plan: Plan) -> Manifest:
    entries, records = [], []
    for number in range(plan.num_shards):
        path = out / shard_file(number)
        record = read_record(record_path(path), ShardRecord)
        records.append(record)
        entries.append(
            ShardEntry(
                file=path.name,
                sha256=record.sha256,
                size_bytes=record.size_bytes,
                record_sha256=sha256_of_file(record_path(path)),
                num_clips=len(record.clips),
                num_pieces=record.num_pieces,
                num_frames=record.num_frames,
            )
        )
    clips = [clip for record in records for clip in record.clips]
    labels: Counter[str] = Counter()
    for clip in clips:
        labels[clip.label or ""] += len(clip.pieces_s)
    hits_from: Counter[HitsFrom] = Counter(clip.hits_from for clip in clips)
    prompts = out / PROMPTS_FILE
    return Manifest(
        plan=plan,
        shards=tuple(entries),
        num_clips=len(clips),
        num_pieces=sum(entry.num_pieces for entry in entries),
        duration_s=sum(entry.num_frames for entry in entries) / plan.codec.frame_rate,
        hits_from=dict(sorted(hits_from.items())),
        pieces_per_label=dict(sorted(labels.items())),
        prompts_sha256=None if plan.encoder.prompt_dim is None else sha256_of_file(prompts),
        broken=tuple(clip for record in records for clip in record.broken),
    )
