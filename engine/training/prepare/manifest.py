"""What a prepared set says of itself.

    DIR/plan.json                 what it is made of and how; written first, a resume must agree with it
    DIR/shard-00012.safetensors   tokens, features, curves, hits
    DIR/shard-00012.json          its sha256 and its clips, one by one; written last, it makes a shard whole
    DIR/prompts.safetensors       a text embedding for each label, where the encoder reads text
    DIR/manifest.json             all of it together; written at the end, it makes a set whole

Nothing in these files depends on who made them, when, or how many shared the work: the same clips give the same
bytes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from engine.errors import FoleyError
from engine.media.atomic import replace_file

FORMAT = 1
PLAN_FILE = "plan.json"
MANIFEST_FILE = "manifest.json"
PROMPTS_FILE = "prompts.safetensors"
WORK_FOLDER = ".work"
"""Of runs under way: files that are not whole yet and notes of who died where. Gone when the set is whole."""

HitsFrom = Literal["sound", "file"]
"""Where a clip's hits come from: the onsets of its own sound, or the NAME.json beside it."""


class DataError(FoleyError):
    """Training data, or what it is to be made of, that cannot be used."""

    code = "data"


class CodecIdentity(Struct, frozen=True):
    """The codec that made the tokens. `sha256` is of its encoder and codebooks alone: the decoder may change."""

    sha256: str
    sample_rate: int
    frame_rate: int
    num_codebooks: int
    codebook_size: int


class EncoderIdentity(Struct, frozen=True):
    """The visual encoder that made the features, and the text side that made the prompts, if it has one.

    `framing` is how pictures are brought to it; None where they are stretched, which was never done otherwise.
    """

    name: str
    sha256: str
    width: int
    precision: str
    prompt_dim: int | None = None
    framing: str | None = None


class Plan(Struct, frozen=True):
    """Everything that the bytes of a set follow from. `clips_sha256` is of the list of clips and their labels."""

    codec: CodecIdentity
    encoder: EncoderIdentity
    features_per_s: int
    detector_sha256: str
    """Of the onset detector's constants: it hears the hits of clips that bring none."""
    clips_sha256: str
    num_clips: int
    labels: tuple[str, ...]
    split: str
    shard_size: int
    device: str
    format: int = FORMAT

    @property
    def num_shards(self) -> int:
        return -(-self.num_clips // self.shard_size)


class BrokenClip(Struct, frozen=True):
    """A clip that is not in the set, and the sentence that says why."""

    name: str
    reason: str


class ClipRecord(Struct, frozen=True):
    """A clip that is in the set. Each piece starts at so many seconds from the film's first picture."""

    name: str
    label: str | None
    hits_from: HitsFrom
    num_hits: int
    pieces_s: tuple[float, ...]


class ShardRecord(Struct, frozen=True):
    """shard-00012.json. `sha256` and `size_bytes` are of the file of the same name."""

    sha256: str
    size_bytes: int
    num_pieces: int
    num_frames: int
    clips: tuple[ClipRecord, ...]
    broken: tuple[BrokenClip, ...]


class ShardEntry(Struct, frozen=True):
    """A shard as the manifest lists it. `record_sha256` is of the JSON beside it."""

    file: str
    sha256: str
    size_bytes: int
    record_sha256: str
    num_clips: int
    num_pieces: int
    num_frames: int


class Manifest(Struct, frozen=True):
    """manifest.json. A piece is what training draws from: up to 10 s of a clip."""

    plan: Plan
    shards: tuple[ShardEntry, ...]
    num_clips: int
    num_pieces: int
    duration_s: float
    hits_from: dict[HitsFrom, int]
    """Clips by where their hits come from; the records of the shards say it of each."""
    pieces_per_label: dict[str, int]
    prompts_sha256: str | None
    broken: tuple[BrokenClip, ...]


Record = TypeVar("Record", Plan, ShardRecord, Manifest)


def shard_file(number: int) -> str:
    return f"shard-{number:05d}.safetensors"


def record_path(shard: Path) -> Path:
    return shard.with_suffix(".json")


def write_record(path: Path, record: Plan | ShardRecord | Manifest) -> bytes:
    """Write as JSON, whole or not at all; what was written."""
    data = msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
    write_bytes(path, data)
    return data


def write_bytes(path: Path, data: bytes) -> None:
    """Whole or not at all, replacing what is there; halves lie in the work folder until then."""
    work = path.parent / WORK_FOLDER
    work.mkdir(exist_ok=True)
    replace_file(path, data, partial_in=work)


def read_record(path: Path, kind: type[Record]) -> Record:
    """
    Raises:
        DataError: it is not there or cannot be understood.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise DataError(f"The file {path} is not there: run `foley data prepare` to make the set.") from error
    except msgspec.MsgspecError as error:
        raise DataError(
            f"The file {path} is damaged ({error}): delete it and run `foley data prepare` again."
        ) from error


def read_manifest(folder: Path) -> Manifest:
    """
    Raises:
        DataError: there is no finished set in the folder.
    """
    path = folder / MANIFEST_FILE
    if not path.is_file():
        has_begun = (folder / PLAN_FILE).is_file()
        raise DataError(
            f"The set in {folder} is not finished: run the same `foley data prepare` again, it goes on."
            if has_begun
            else f"There is no prepared set in {folder}: make one with `foley data prepare`."
        )
    return read_record(path, Manifest)


def sha256_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
