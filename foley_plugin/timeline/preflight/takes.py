"""Checks of our own takes: a missing one, or a range outside its file, makes an editor refuse everything."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fractions import Fraction

import soundfile

from foley_plugin.nle.target import Imports, MediaPaths
from foley_plugin.timeline.preflight.findings import Finding, Mend, Severity
from foley_plugin.timeline.records import Placement


def take_findings(number: int, placement: Placement, imports: Imports, rate: Fraction) -> Iterator[Finding]:
    """All that is wrong with one placement; `number` is its place among them."""
    name = re.split(r"[\\/]", placement.wav)[-1]

    def found(what: str, remedy: str, mend: Mend | None = None) -> Finding:
        return Finding(Severity.ERROR, name, f"The take {name} {what}.", remedy, mend, take=number)

    if not os.path.isabs(placement.wav):
        yield found("has no absolute path", "Export from a project with a full path.", Mend.LEAVE_OUT_TAKE)
        return
    bad = re.search(imports.bad_in_paths, placement.wav) if imports.bad_in_paths else None
    if bad and imports.paths is not MediaPaths.OURS:
        what = (
            f"lies in {os.path.dirname(placement.wav)}, and a {bad[0]} in a path makes the whole import fail"
        )
        yield found(what, "Move the project to a folder without that sign, with --project.")
    try:
        sound = soundfile.info(placement.wav)
    except (soundfile.SoundFileError, OSError):
        remedy = "Bring it back or generate it anew, or leave it out."
        yield found("is missing or unreadable", remedy, Mend.LEAVE_OUT_TAKE)
        return
    if sound.channels != placement.num_channels:
        what = f"has {sound.channels} channels where its track expects {placement.num_channels}"
        yield found(what, f"Lay it on a track of {sound.channels}.", Mend.TAKE_CHANNELS)
    played = max(placement.head_frames + placement.duration_frames, placement.wav_frames) / rate
    if placement.head_frames < 0 or placement.record_frame < 0 or placement.duration_frames <= 0:
        remedy = "Generate it anew, or leave it out."
        yield found("would begin before its file or the timeline does", remedy, Mend.LEAVE_OUT_TAKE)
    elif Fraction(sound.frames, sound.samplerate) < played:
        yield found("is shorter than its place asks for", "Cut its range to the file.", Mend.TRIM_TAKE)
