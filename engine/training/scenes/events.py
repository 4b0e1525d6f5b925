"""Single sounding events and steady stretches, cut from whole recordings.

A file often holds several events, and a third of them start late: what must fall on the contact is the
measured onset of each event, not the beginning of a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.training.recordings import Recording
from engine.training.scenes.labels import CONTINUOUS_LABELS

Wav = NDArray[np.float32]

HOP_S = 0.001
"""Step of the envelope on which events are found."""
ENVELOPE_S = 0.005
PRE_ROLL_S = 0.004
MAX_EVENT_S = 4.0
MIN_EVENT_S = 0.025
MIN_GAP_S = 0.1
STEP_GAP_S = 0.25
"""A heel and its toe are one step; even who runs takes longer for the next."""
RISE_DB = 10.0
"""An event begins where the envelope rises by this much over its last 60 ms."""
DEPTH_DB = 16.0
"""Events quieter than this under the recording's loudest are left out."""
ONSET_DEPTH_DB = 18.0
SHARP_ATTACK_S = 0.02
SECOND_RISE_DB = 6.0
SECOND_DEPTH_DB = 15.0
MIN_STRETCH_S = 0.3
FLOOR_DB = -100.0
WHOLE_LABELS = frozenset(
    [
        "bell",
        "bow",
        "break_ceramic",
        "break_glass",
        "break_ice",
        "break_metal",
        "break_plastic",
        "break_stone",
        "break_wood",
        "cash_till",
        "chain",
        "coins",
        "dice",
        "door",
        "door_car",
        "door_chest",
        "door_metal",
        "door_window",
        "impact_bell",
        "leather",
        "metal_handling",
        "paper",
        "paper_cards",
        "ratchet",
        "scissors",
        "squeak",
        "water_splash",
        "whoosh",
    ]
)
"""Labels whose sound is one event however often it rises: a shatter and its pieces, a latch and its door.

A rise alone is not what the whole is: of doors that were cut at each, foley-ear named one in four a door, and of whole
ones nine in ten.
"""


@dataclass(frozen=True)
class SoundEvent:
    """One event. `wav` is float32 mono [N] at the recording's level; its energy rises at `onset_sample`.

    `level_db` is the loudest 10 ms RMS, dBFS. `clean` says that it is one sharp onset and no second one:
    only such events can serve as a reference for measured onsets.
    """

    wav: Wav
    sample_rate: int
    onset_sample: int
    label: str
    recording_id: str
    peak: float
    level_db: float
    attack_s: float
    clean: bool


@dataclass(frozen=True)
class Stretch:
    """Steady sound, float32 mono [N], that grains are cut from. `level_db` is its median 50 ms RMS, dBFS."""

    wav: Wav
    sample_rate: int
    label: str
    recording_id: str
    level_db: float


@dataclass(frozen=True)
class LibraryView:
    """All that drawing a scene must know of the sounds."""

    point_labels: tuple[str, ...]
    continuous_labels: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(sorted((*self.point_labels, *self.continuous_labels)))


@dataclass(frozen=True)
class EventLibrary:
    """The events and stretches of a set of recordings, by label."""

    events: dict[str, list[SoundEvent]]
    stretches: dict[str, list[Stretch]]

    @classmethod
    def from_recordings(cls, recordings: Iterable[Recording]) -> EventLibrary:
        """Cut every recording: a few seconds for some hundred files."""
        events: dict[str, list[SoundEvent]] = {}
        stretches: dict[str, list[Stretch]] = {}
        for recording in recordings:
            if recording.label in CONTINUOUS_LABELS:
                if (stretch := cut_stretch(recording)) is not None:
                    stretches.setdefault(recording.label, []).append(stretch)
            elif found := cut_events(recording):
                events.setdefault(recording.label, []).extend(found)
        return cls(events=dict(sorted(events.items())), stretches=dict(sorted(stretches.items())))

    @cached_property
    def view(self) -> LibraryView:
        return LibraryView(point_labels=tuple(self.events), continuous_labels=tuple(self.stretches))

    @cached_property
    def clean(self) -> EventLibrary:
        """Only the clean events: what onsets are measured against."""
        kept = {label: [event for event in found if event.clean] for label, found in self.events.items()}
        return EventLibrary(
            events={label: found for label, found in kept.items() if found}, stretches=self.stretches
        )


def envelope_db(wav: Wav, sample_rate: int, *, window_s: float = ENVELOPE_S, hop_s: float = HOP_S) -> Wav:
    """RMS in dB over `window_s` from each multiple of `hop_s` on: value i covers samples from i * hop."""
    window, hop = max(1, round(window_s * sample_rate)), max(1, round(hop_s * sample_rate))
    energy = np.concatenate([[0.0], np.cumsum(np.square(wav, dtype=np.float64))])
    starts = np.arange(0, max(1, wav.size), hop)
    ends = np.minimum(starts + window, wav.size)
    mean = (energy[ends] - energy[starts]) / window
    return np.asarray(np.maximum(10 * np.log10(np.maximum(mean, 1e-12)), FLOOR_DB), np.float32)


def cut_events(recording: Recording) -> list[SoundEvent]:
    """Every event of a recording, in order."""
    wav, sample_rate = recording.wav, recording.sample_rate
    if wav.size < MIN_EVENT_S * sample_rate or not np.any(wav):
        return []
    rises = event_onsets(wav, sample_rate)
    onsets = rises
    if recording.label in WHOLE_LABELS:
        onsets = rises[:1]
    elif recording.label.startswith("footstep"):
        onsets = event_onsets(wav, sample_rate, gap_s=STEP_GAP_S)
    ends = [*onsets[1:], wav.size]
    events = [
        _event(
            recording,
            onset,
            end - round(PRE_ROLL_S * sample_rate) if end < wav.size else end,
            single=not any(onset < rise < end for rise in rises),
        )
        for onset, end in zip(onsets, ends, strict=True)
    ]
    loud = [event for event in events if event is not None]
    ceiling = max((event.level_db for event in loud), default=0.0)
    return [event for event in loud if event.level_db >= ceiling - DEPTH_DB]


def event_onsets(wav: Wav, sample_rate: int, *, gap_s: float = MIN_GAP_S) -> list[int]:
    """Samples at which an event's energy rises; of those nearer than the gap, the first."""
    envelope = envelope_db(wav, sample_rate)
    ceiling = float(envelope.max())
    look_back, look_ahead = round(0.06 / HOP_S), round(0.02 / HOP_S)
    padded = np.concatenate([np.full(look_back, ceiling - 60, np.float32), envelope])
    lowest = np.lib.stride_tricks.sliding_window_view(padded, look_back + 1).min(axis=1)
    ahead = np.concatenate([envelope, np.full(look_ahead, FLOOR_DB, np.float32)])
    coming = np.lib.stride_tricks.sliding_window_view(ahead, look_ahead + 1).max(axis=1)
    floor = np.maximum(lowest, ceiling - 60)
    rising = (coming - floor >= RISE_DB) & (coming >= ceiling - DEPTH_DB)
    onsets: list[int] = []
    hop = round(HOP_S * sample_rate)
    for start, end in _runs(rising):
        top = float(envelope[start : end + look_ahead].max())
        gate = max(top - ONSET_DEPTH_DB, float(floor[start]) + 3.0)
        above = np.flatnonzero(envelope[start : end + look_ahead] >= gate)
        onset = _sharpened(wav, (start + int(above[0])) * hop if above.size else start * hop, sample_rate)
        if not onsets or onset - onsets[-1] >= gap_s * sample_rate:
            onsets.append(onset)
    return onsets or [
        _sharpened(wav, int(np.argmax(envelope >= ceiling - ONSET_DEPTH_DB)) * hop, sample_rate)
    ]


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _sharpened(wav: Wav, sample: int, sample_rate: int) -> int:
    """Move to the first sample within the envelope's window that stands out."""
    window = np.abs(wav[sample : sample + round(2 * ENVELOPE_S * sample_rate)])
    if window.size == 0:
        return sample
    return sample + int(np.argmax(window >= 0.2 * window.max()))


def _event(recording: Recording, onset: int, end: int, *, single: bool) -> SoundEvent | None:
    sample_rate = recording.sample_rate
    start = max(0, onset - round(PRE_ROLL_S * sample_rate))
    end = min(end, onset + round(MAX_EVENT_S * sample_rate))
    if end - onset < MIN_EVENT_S * sample_rate:
        return None
    wav = _faded(recording.wav[start:end], onset - start, sample_rate)
    peak = float(np.abs(wav).max())
    if peak <= 0:
        return None
    shape = envelope_db(wav[onset - start :], sample_rate)
    attack_s = float(np.argmax(shape)) * HOP_S
    return SoundEvent(
        wav=wav,
        sample_rate=sample_rate,
        onset_sample=onset - start,
        label=recording.label,
        recording_id=recording.recording_id,
        peak=peak,
        level_db=float(envelope_db(wav, sample_rate, window_s=0.01).max()),
        attack_s=attack_s,
        clean=single and attack_s <= SHARP_ATTACK_S and not _rises_again(shape),
    )


def _rises_again(shape_db: Wav) -> bool:
    """Whether the envelope, once fallen, comes back near its top."""
    smooth = (
        np.convolve(shape_db, np.full(10, 0.1, np.float32), mode="valid") if shape_db.size > 10 else shape_db
    )
    top = int(np.argmax(smooth))
    tail = smooth[top:]
    return bool(
        np.any(
            (tail - np.minimum.accumulate(tail) >= SECOND_RISE_DB) & (tail >= smooth[top] - SECOND_DEPTH_DB)
        )
    )


def _faded(wav: Wav, onset: int, sample_rate: int) -> Wav:
    """A copy whose ends come from and go to silence."""
    wav = wav.copy()
    fade_in = min(onset, wav.size)
    wav[:fade_in] *= np.linspace(0, 1, fade_in, endpoint=False, dtype=np.float32) ** 2
    fade_out = min(round(0.15 * sample_rate), (wav.size - onset) // 3)
    if fade_out:
        wav[-fade_out:] *= np.linspace(1, 0, fade_out, dtype=np.float32) ** 2
    return wav


def cut_stretch(recording: Recording) -> Stretch | None:
    """The recording without its quiet ends, or None where hardly anything is left."""
    wav, sample_rate = recording.wav, recording.sample_rate
    if wav.size < MIN_STRETCH_S * sample_rate:
        return None
    shape = envelope_db(wav, sample_rate, window_s=0.05, hop_s=0.01)
    loud = np.flatnonzero(shape >= np.percentile(shape, 90) - 20)
    hop = round(0.01 * sample_rate)
    kept = wav[int(loud[0]) * hop : min(wav.size, (int(loud[-1]) + 5) * hop)]
    if kept.size < MIN_STRETCH_S * sample_rate:
        return None
    level = envelope_db(kept, sample_rate, window_s=0.05, hop_s=0.01)
    return Stretch(
        wav=kept.copy(),
        sample_rate=sample_rate,
        label=recording.label,
        recording_id=recording.recording_id,
        level_db=float(np.median(level)),
    )


def recording_ids(events: Sequence[SoundEvent]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(event.recording_id for event in events))
