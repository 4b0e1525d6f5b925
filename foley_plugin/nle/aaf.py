"""AAF for Pro Tools and Media Composer, by pyaaf2 itself.

OpenTimelineIO's AAF writer needs mob ids in the metadata, rounds 23.976 to 24 in its timecode and never
writes drop-frame, so it does not serve; its reader reads this back in the tests.

    composition mob -> master mob, one slot a channel -> file mob (the WAV) -> tape mob (the timecode)

Sound is one mono track a channel, as AAF's readers expect it. WAVs are linked, or lie in the file. A clip's level is
a mono audio gain around it (AAF Edit Protocol), which leaves the WAV as it is.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from fractions import Fraction
from typing import Any, BinaryIO

from foley_plugin.nle.sequence import Clock, MediaFile, Sequence, SequenceClip, SequenceTrack
from foley_plugin.nle.target import Imports, NleTarget, Trait
from foley_plugin.nle.xml_text import clean, file_url

MOB_NAMESPACE = uuid.UUID("3f0f6c0e-98c5-4a0b-8d0f-4e2f6f9b7c21")
"""Mob ids follow from paths, so that a second import finds the same media again."""

MONO_AUDIO_GAIN = "9d2ea894-0968-11d3-8a38-0050040ef7d2"
"""The operation, by its id in the AAF object specification."""
AMPLITUDE = "e4962321-2267-11d3-8a4c-0050040ef7d2"
"""Its parameter, named Amplitude: the factor on every sample, rational."""
FINEST_FACTOR = 1_000_000
"""Greatest denominator of a factor: both parts of it have 32 bits."""


def write_aaf(sequence: Sequence, out: BinaryIO, with_media: bool = False) -> None:
    """Write the cut as AAF into a file that is open for reading and writing.

    Args:
        with_media: the takes and other WAVs lie in the file instead of being linked.
    """
    import aaf2

    with aaf2.open(os.dup(out.fileno()), "w") as file:
        _Writer(sequence, file, with_media).write()


def check_aaf(file: BinaryIO) -> None:
    """Open what came back from the disk.

    Raises:
        OSError: it is no AAF with a composition.
    """
    import aaf2

    try:
        with aaf2.open(os.dup(file.fileno()), "r") as opened:
            compositions = sum(1 for _ in opened.content.toplevel())
    except (ValueError, KeyError, EOFError) as error:
        raise OSError(f"the AAF came back from the disk changed ({error})") from None
    if compositions != 1:
        raise OSError("the AAF came back from the disk without its composition")


class _Writer:
    def __init__(self, sequence: Sequence, file: Any, with_media: bool) -> None:
        self.sequence, self.file, self.with_media = sequence, file, with_media
        self.rate = _rational(sequence.rate)
        self.masters: dict[str, _Master] = {}
        self.gain: Any = None
        """The gain's definition, once the file has one."""

    def write(self) -> None:
        composition = self.file.create.CompositionMob(clean(self.sequence.name))
        composition.usage = "Usage_TopLevel"
        self.file.content.mobs.append(composition)
        self._add_timecode(composition, self.sequence.start, self.sequence.duration)
        for track in self.sequence.of_kind("video"):
            self._add_track(composition, track, "picture", 0)
        number = 0
        for track in self.sequence.of_kind("audio"):
            for half in range(track.num_channels):
                number += 1
                slot = self._add_track(composition, track, "sound", half)
                slot["PhysicalTrackNumber"].value = number

    def _add_track(self, composition: Any, track: SequenceTrack, kind: str, half: int) -> Any:
        slot = composition.create_empty_sequence_slot(self.rate, media_kind=kind)
        slot.name = clean(track.name)
        at = 0
        for clip in track.clips:
            if not (clip.enabled and track.enabled):
                continue
            if clip.record_in > at:
                slot.segment.components.append(self._filler(clip.record_in - at, kind))
            slot.segment.components.append(self._at_level(self._source_clip(clip, kind, half), clip, kind))
            at = clip.record_out
        if at < self.sequence.duration:
            slot.segment.components.append(self._filler(self.sequence.duration - at, kind))
        slot.segment.length = max(at, self.sequence.duration)
        return slot

    def _filler(self, length: int, kind: str) -> Any:
        filler = self.file.create.Filler(media_kind=kind)
        filler.length = length
        return filler

    def _source_clip(self, clip: SequenceClip, kind: str, half: int) -> Any:
        master = self._master(clip.media)
        channels = clip.channels or (1,)
        channel = channels[half] if half < len(channels) else channels[0]
        slot_id = master.picture if kind == "picture" else master.sound(channel)
        if slot_id is None:
            return self._filler(clip.duration, kind)
        start = round(clip.source_in * self.sequence.rate)
        made = master.mob.create_source_clip(slot_id, start, clip.duration, kind)
        made.length = clip.duration
        return made

    def _at_level(self, segment: Any, clip: SequenceClip, kind: str) -> Any:
        """The clip in an audio gain, where it has one."""
        if kind != "sound" or not clip.gain_db:
            return segment
        if self.gain is None:
            self.gain = self._define_gain()
        factor = Fraction(10 ** (clip.gain_db / 20)).limit_denominator(FINEST_FACTOR)
        group = self.file.create.OperationGroup(self.gain, clip.duration, kind)
        group.segments.append(segment)
        group.parameters.append(self.file.create.ConstantValue("Amplitude", _rational(factor)))
        return group

    def _define_gain(self) -> Any:
        amplitude = self.file.create.ParameterDef(AMPLITUDE, "Amplitude", typedef="Rational")
        self.file.dictionary.register_def(amplitude)
        gain = self.file.create.OperationDef(MONO_AUDIO_GAIN, "Mono Audio Gain")
        gain.media_kind = "sound"
        gain.number_inputs = 1
        gain["IsTimeWarp"].value = False
        gain.parameters.append(amplitude)
        self.file.dictionary.register_def(gain)
        return gain

    def _master(self, media: MediaFile) -> _Master:
        if media.path not in self.masters:
            self.masters[media.path] = self._new_master(media)
        return self.masters[media.path]

    def _new_master(self, media: MediaFile) -> _Master:
        mob = self.file.create.MasterMob(clean(media.name))
        mob.mob_id = _mob_id(media.path, "master")
        self.file.content.mobs.append(mob)
        master = _Master(mob)
        tape = self._tape(media)
        if media.has_picture:
            source = self._linked(media, tape, "picture", self._picture_descriptor(media), "picture")
            master.picture = self._derive(mob, source, "picture", media)
        for channel in range(1, media.num_channels + 1):
            if self.with_media and media.is_there and not media.has_picture:
                source = self._embedded(media, channel)
            else:
                source = self._linked(media, tape, f"sound {channel}", self._sound_descriptor(media), "sound")
            master.sounds.append(self._derive(mob, source, "sound", media))
        return master

    def _derive(self, mob: Any, source: Any, kind: str, media: MediaFile) -> int:
        """A slot of the master mob that plays a file mob from its start; its id."""
        slot = mob.create_timeline_slot(self.rate)
        slot.segment = source.create_source_clip(1, 0, self._length(media), kind)
        slot.segment.length = self._length(media)
        return int(slot.slot_id)

    def _linked(self, media: MediaFile, tape: Any, part: str, descriptor: Any, kind: str) -> Any:
        source = self.file.create.SourceMob(clean(media.name))
        source.mob_id = _mob_id(media.path, part)
        slot = source.create_timeline_slot(self.rate, 1)
        slot.segment = tape.create_source_clip(1, 0, self._length(media), "picture")
        slot.segment.media_kind = kind
        slot.segment.length = self._length(media)
        if kind == "sound":
            slot["PhysicalTrackNumber"].value = int(part.split()[1])
        source.descriptor = descriptor
        self.file.content.mobs.append(source)
        return source

    def _embedded(self, media: MediaFile, channel: int) -> Any:
        """One channel's samples in the file itself."""
        import soundfile

        source = self.file.create.SourceMob(clean(media.name))
        source.mob_id = _mob_id(media.path, f"essence {channel}")
        self.file.content.mobs.append(source)
        with tempfile.TemporaryDirectory() as folder:
            wav = os.path.join(folder, "channel.wav")
            with (
                soundfile.SoundFile(media.path) as whole,
                soundfile.SoundFile(wav, "w", whole.samplerate, 1, "PCM_24") as one,
            ):
                for block in whole.blocks(1 << 18, dtype="int32", always_2d=True):
                    one.write(block[:, channel - 1])
            source.import_audio_essence(wav, self.rate, length=self._length(media))
        return source

    def _tape(self, media: MediaFile) -> Any:
        """Where the media's own timecode is told."""
        tape = self.file.create.SourceMob(clean(media.name))
        tape.mob_id = _mob_id(media.path, "tape")
        slot = tape.create_empty_slot(self.rate, "picture", 1)
        slot.segment.length = self._length(media)
        tape.descriptor = self.file.create.ImportDescriptor()
        self._add_timecode(tape, media.start, self._length(media))
        self.file.content.mobs.append(tape)
        return tape

    def _add_timecode(self, mob: Any, clock: Clock, length: int) -> None:
        slot = mob.create_timeline_slot(_rational(clock.rate))
        nominal = -(-clock.rate.numerator // clock.rate.denominator)
        timecode = self.file.create.Timecode(nominal, drop=clock.drop_frame, length=length)
        timecode.start = clock.frames
        slot.segment = timecode
        slot.name = "TC"
        slot["PhysicalTrackNumber"].value = 1

    def _sound_descriptor(self, media: MediaFile) -> Any:
        descriptor = self.file.create.PCMDescriptor()
        descriptor["Channels"].value = media.num_channels
        descriptor["BlockAlign"].value = 3 * media.num_channels
        descriptor["SampleRate"].value = media.sample_rate
        descriptor["AverageBPS"].value = 3 * media.num_channels * media.sample_rate
        descriptor["QuantizationBits"].value = 24
        descriptor["AudioSamplingRate"].value = media.sample_rate
        descriptor["Length"].value = int(media.duration * media.sample_rate)
        descriptor["ContainerFormat"].value = self.file.dictionary.lookup_containerdef("AAF")
        descriptor["Locator"].append(self._locator(media))
        return descriptor

    def _picture_descriptor(self, media: MediaFile) -> Any:
        descriptor = self.file.create.CDCIDescriptor()
        descriptor["ComponentWidth"].value = 8
        descriptor["HorizontalSubsampling"].value = 2
        descriptor["VerticalSubsampling"].value = 2
        descriptor["FrameLayout"].value = "FullFrame"
        descriptor["VideoLineMap"].value = [0, 0]
        descriptor["ImageAspectRatio"].value = f"{media.width}/{media.height}"
        descriptor["StoredWidth"].value = media.width
        descriptor["StoredHeight"].value = media.height
        descriptor["SampleRate"].value = _rational(media.start.rate)
        descriptor["Length"].value = round(media.duration * media.start.rate)
        descriptor["Locator"].append(self._locator(media))
        return descriptor

    def _locator(self, media: MediaFile) -> Any:
        locator = self.file.create.NetworkLocator()
        locator["URLString"].value = file_url(media.path)
        return locator

    def _length(self, media: MediaFile) -> int:
        """Of the media, in frames of the timeline."""
        return int(media.duration * self.sequence.rate)


class _Master:
    """A master mob and the slots of its picture and of each channel."""

    def __init__(self, mob: Any) -> None:
        self.mob = mob
        self.picture: int | None = None
        self.sounds: list[int] = []

    def sound(self, channel: int) -> int | None:
        return self.sounds[min(channel, len(self.sounds)) - 1] if self.sounds else None


def _mob_id(path: str, part: str) -> Any:
    from aaf2.mobid import MobID

    made = MobID.new()
    made.material = uuid.uuid5(MOB_NAMESPACE, f"{path}\n{part}")
    return made


def _rational(rate: Fraction) -> str:
    return f"{rate.numerator}/{rate.denominator}"


_RETIMED = "plays at normal speed from its first frame on"

AAF = NleTarget(
    "aaf",
    title="AAF for Pro Tools and Media Composer",
    suffix=".aaf",
    imports=Imports(
        loses={
            Trait.SLOW: _RETIMED,
            Trait.FAST: _RETIMED,
            Trait.REVERSE: _RETIMED,
            Trait.FREEZE: _RETIMED,
            Trait.RAMP: "is cut into clips that play at normal speed",
            Trait.TITLE: "is left out, and its place stays empty",
            Trait.NEST: "is laid out as the clips in it",
            Trait.DISSOLVE: "becomes a cut",
            Trait.OTHER_TRANSITION: "becomes a cut",
            Trait.MARKER: "comes without its markers",
            Trait.LOOSE_MARKER: "comes without its markers",
            Trait.EFFECT: "comes without its effects",
            Trait.DISABLED: "is left out, since it is disabled and AAF cannot say so",
            Trait.IMAGE_SEQUENCE: "is left out, and its place stays empty",
        },
        refuses={},
    ),
    write=write_aaf,
    check=check_aaf,
    caveat="The AAF is read back by two readers in the tests, and was not opened in Pro Tools or Media Composer.",
)
