"""The WAVs of a delivery: what each is called, what is stamped into it, and what is in it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path, PurePath, PurePosixPath

import msgspec

from engine.protocol import fraction
from foley_plugin.services.delivery.cues import CueLine, CueList, absolute_frame
from foley_plugin.services.delivery.mix import Alone, Mix
from foley_plugin.services.delivery.riff import BitDepth, WavFormat, write_new_wav
from foley_plugin.services.delivery.sound import PlacedSound, handles, placed_sound
from foley_plugin.services.delivery.stamps import Stamp, bext_chunk, ixml_chunk
from foley_plugin.takes.loudness import Loudness
from foley_plugin.takes.names import ascii_text, slug
from foley_plugin.timeline.families import FAMILIES, Family, track_order
from foley_plugin.timeline.records import CutRecord, Placement

STEMS_FOLDER = "Stems"
DIGEST_CHARS = 6
REFERENCE_CHARS = 32


@cache
def program_version() -> str:
    return version("foley")


@dataclass(frozen=True)
class DeliveredFile:
    """One WAV of a delivery.

    Attributes:
        folder: under the delivery's.
        stem: the name without digest and suffix.
        shaped_by: all that decides the samples and their place, for the digest.
        gain_db: what the take was given for its family; 0 for a stem.
        trim_db: what the whole delivery was given beside.
    """

    folder: str
    stem: str
    track: str
    source: Alone | Mix
    wav: WavFormat
    stamp: Stamp
    shaped_by: tuple[object, ...]
    family: Family
    gain_db: float = 0.0
    trim_db: float = 0.0

    @property
    def digest(self) -> str:
        shaped = [program_version(), *self.shaped_by, self.trim_db, self.wav.sample_rate, self.wav.bits]
        return hashlib.sha256(json.dumps(shaped, default=str).encode()).hexdigest()

    @property
    def name(self) -> str:
        """Path under the delivery's folder, with forward slashes; ASCII, without spaces."""
        return f"{self.folder}/{self.stem}_{self.digest[:DIGEST_CHARS]}.wav"

    @property
    def loudness(self) -> Loudness:
        """As delivered."""
        return Loudness(*(level + self.trim_db for level in astuple(self.source.loudness())))

    def trimmed(self, trim_db: float) -> DeliveredFile:
        return replace(self, trim_db=trim_db)

    def write(self, folder: Path) -> None:
        """Write it under a delivery's folder.

        Raises:
            OSError, TakeUnreadable.
        """
        stamp = replace(self.stamp, reference=self.digest[:REFERENCE_CHARS])
        write_new_wav(
            folder / self.name,
            self.wav,
            self.source.num_samples,
            self.source.blocks(self.trim_db),
            bext=bext_chunk(stamp, self.wav, self.loudness, program_version()),
            ixml=ixml_chunk(stamp, self.wav),
        )

    def level_row(self) -> tuple[object, ...]:
        loudness = self.loudness
        levels = (loudness.integrated_lufs, loudness.momentary_lufs, loudness.true_peak_dbtp)
        shown = (round(level, 1) if math.isfinite(level) else "silent" for level in levels)
        return (self.name, self.track, round(self.gain_db + self.trim_db, 1), *shown)


def clip_files(
    cues: CueList,
    placements: Sequence[Placement],
    sample_rate: int,
    bits: BitDepth,
    handle_frames: int,
    width: float | None = None,
) -> list[DeliveredFile]:
    """One file a cue, in the cues' order; `width` as in `placed_sound`."""
    cut = cues.cut
    rate, origin = fraction(cut.rate), fraction(cut.start)
    earliest_frame = -absolute_frame(cut, 0)
    files = []
    for line, placement in zip(cues.lines, placements, strict=True):
        sound = placed_sound(
            placement,
            rate,
            line.family,
            handle_frames=handle_frames,
            earliest_frame=earliest_frame,
            width=width,
        )
        source = Alone(sound, sample_rate, origin)
        files.append(
            DeliveredFile(
                folder=f"{track_order(line.family.track_name) + 1:02d}_{_folder(line.track)}",
                stem=f"{line.number:03d}_{PurePath(line.take_name).stem}",
                track=line.track,
                source=source,
                wav=WavFormat(sample_rate, bits, source.num_channels),
                stamp=_clip_stamp(cues, line, sound.start_sample(sample_rate, origin)),
                shaped_by=_shape(line.meant.take.sha256, sound, sound.start_sample(sample_rate, origin)),
                family=line.family,
                gain_db=placement.gain_db,
            )
        )
    return files


def stem_files(
    cues: CueList, clips: Sequence[DeliveredFile], sample_rate: int, bits: BitDepth
) -> list[DeliveredFile]:
    """One file a family that has cues, all from the cut's first frame and all of one length."""
    origin = fraction(cues.cut.start)
    num_samples = samples_of_cut(cues.cut, clips, sample_rate)
    stems = []
    for number, family in enumerate(FAMILIES, start=1):
        members = [clip for clip in clips if clip.family == family]
        if members:
            num_channels = max(clip.source.num_channels for clip in members)
            source = mix_of(cues.cut, members, num_channels, num_samples, sample_rate)
            stems.append(
                DeliveredFile(
                    folder=STEMS_FOLDER,
                    stem=f"{slug(cues.title) or 'cut'}_{number:02d}_FOLEY-{slug(family.name)}",
                    track=family.track_name,
                    source=source,
                    wav=WavFormat(sample_rate, bits, source.num_channels),
                    stamp=_stem_stamp(cues, family, round(origin * sample_rate)),
                    shaped_by=("stem", source.num_samples, *(clip.shaped_by for clip in members)),
                    family=family,
                )
            )
    return stems


def mix_of(
    cut: CutRecord, clips: Sequence[DeliveredFile], num_channels: int, num_samples: int, sample_rate: int
) -> Mix:
    """Clips over each other, from the cut's first frame."""
    sounds = [clip.source.sound for clip in clips if isinstance(clip.source, Alone)]
    return Mix(sounds, num_channels, num_samples, sample_rate, fraction(cut.start))


def samples_of_cut(cut: CutRecord, clips: Sequence[DeliveredFile], sample_rate: int) -> int:
    """The cut's whole length, or longer where a sound rings past its end."""
    sounds = [clip.source.sound for clip in clips if isinstance(clip.source, Alone)]
    end = max([fraction(cut.duration), *(sound.first + sound.duration for sound in sounds)])
    return math.ceil(end * sample_rate) + 1


def placement_in(
    folder: Path, file: DeliveredFile, placement: Placement, cut: CutRecord, handle_frames: int
) -> Placement:
    """Where a delivered file lies on the timeline: what was data is in it."""
    before, after = handles(placement, handle_frames, -absolute_frame(cut, 0))
    return msgspec.structs.replace(
        placement,
        wav=str(folder / PurePosixPath(file.name)),
        head_frames=before,
        wav_frames=before + placement.duration_frames + after,
        num_channels=file.wav.num_channels,
        gain_db=0.0,
        fade_in_samples=0,
        fade_out_samples=0,
    )


def _folder(track: str) -> str:
    return slug(ascii_text(track).replace(" - ", "-"))


def _shape(sha256: str, sound: PlacedSound, start: int) -> tuple[object, ...]:
    numbers = (sound.offset, sound.duration, sound.fade_in_s, sound.fade_out_s)
    return (sha256, start, sound.gain_db, sound.num_channels, *map(str, numbers), *sound.pan)


def _clip_stamp(cues: CueList, line: CueLine, time_reference: int) -> Stamp:
    stem = PurePath(line.take_name).stem
    return Stamp(
        description=f"Cue {line.number}: {line.label}, {line.clip}, take {stem}",
        reference="",
        created_at=_moment(line.meant.take.created_at),
        time_reference=time_reference,
        project=cues.title,
        scene=PurePath(line.clip).stem,
        take=stem.rpartition("_")[2],
        reel=line.reel,
        note=line.note,
        track=line.track,
        frame_rate=fraction(cues.cut.rate),
        drop_frame=cues.cut.drop_frame,
    )


def _stem_stamp(cues: CueList, family: Family, time_reference: int) -> Stamp:
    lines = [line for line in cues.lines if line.family == family]
    return Stamp(
        description=f"{cues.title}: {family.track_name}, {len(lines)} cues from the cut's first frame",
        reference="",
        created_at=max(_moment(line.meant.take.created_at) for line in lines),
        time_reference=time_reference,
        project=cues.title,
        scene=cues.title,
        take="1",
        reel="",
        note="",
        track=family.track_name,
        frame_rate=fraction(cues.cut.rate),
        drop_frame=cues.cut.drop_frame,
    )


def _moment(written: str) -> datetime:
    """When a take was made, UTC; the project keeps it as ISO 8601."""
    return datetime.fromisoformat(written).astimezone(UTC)
