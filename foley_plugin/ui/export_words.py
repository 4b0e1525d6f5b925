"""What the export calls its targets, mends and results: words alone, so that they stand in one place."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QCoreApplication

from foley_plugin.qtmodels.export_plan import FILES, Whereabouts
from foley_plugin.services.settings import without_home
from foley_plugin.timeline.preflight.findings import Mend, Severity


def title_of(target_name: str) -> str:
    translate = QCoreApplication.translate
    return {
        "resolve": translate("Export", "DaVinci Resolve – OpenTimelineIO (.otio)"),
        "fcp7xml": translate("Export", "Premiere Pro – Final Cut Pro 7 XML (.xml)"),
        "premiere": translate("Export", "Premiere Pro 25.6 and later – OpenTimelineIO (.otio)"),
        "fcpxml": translate("Export", "Final Cut Pro – FCPXML (.fcpxml)"),
        "aaf": translate("Export", "Pro Tools and Media Composer – AAF (.aaf)"),
        "otioz": translate("Export", "Bundle with the takes – OpenTimelineIO (.otioz)"),
        "plain": translate("Export", "Any other program – OpenTimelineIO (.otio)"),
        FILES: translate("Export", "WAV files by track for a mix, with cue sheet and hits"),
    }.get(target_name, target_name)


def hint_of(target_name: str) -> str:
    """How the file comes in on the other side."""
    translate = QCoreApplication.translate
    return {
        "resolve": translate(
            "Export",
            "In Resolve: File > Import > Timeline. Or fetch only the foley tracks with the Foley script.",
        ),
        "fcp7xml": translate("Export", "In Premiere Pro: File > Import. The steadiest way into it."),
        "premiere": translate(
            "Export", "In Premiere Pro: File > Import. Its OpenTimelineIO import is young."
        ),
        "fcpxml": translate("Export", "In Final Cut Pro: File > Import > XML."),
        "aaf": translate(
            "Export", "In Pro Tools: File > Import > Session Data. In Media Composer: File > Input."
        ),
        "otioz": translate("Export", "One file to carry to another machine: the timeline and its takes."),
        "plain": translate("Export", "The timeline as it is, with new audio tracks and nothing else."),
        FILES: translate("Export", "A new folder of broadcast WAVs with timecode, for any DAW."),
    }.get(target_name, "")


def mend_words(mend: Mend) -> str:
    """What the mend does, as short as a button."""
    translate = QCoreApplication.translate
    return {
        Mend.LEAVE_OUT: translate("Export", "Leave the clip out"),
        Mend.PLAIN_PATH: translate("Export", "Name it by its path"),
        Mend.ADD_SUFFIX: translate("Export", "Add the file's ending"),
        Mend.TRIM_TO_MEDIA: translate("Export", "Trim to its media"),
        Mend.DECIMAL_POINTS: translate("Export", "Write decimal points"),
        Mend.UNLINK: translate("Export", "Unlink the clip"),
        Mend.LEAVE_OUT_TAKE: translate("Export", "Leave the take out"),
        Mend.TRIM_TAKE: translate("Export", "Trim the take"),
        Mend.TAKE_CHANNELS: translate("Export", "Match its channels"),
    }[mend]


def severity_words(severity: Severity) -> str:
    translate = QCoreApplication.translate
    return {
        Severity.ERROR: translate("Export", "Error"),
        Severity.WARNING: translate("Export", "Warning"),
        Severity.NOTE: translate("Export", "Note"),
    }[severity]


SEVERITY_ICONS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}


def hindrance_words(hindrance: str, path: Path) -> str:
    translate = QCoreApplication.translate
    words = {
        "name": translate("Export", "Give the file a name and a whole path."),
        "taken": translate("Export", "{} is there already, and nothing is overwritten; choose another name."),
        "folder": translate("Export", "{} cannot be written; choose another folder."),
    }[hindrance]
    return words.format(path.parent if hindrance == "folder" else path.name)


def whereabouts_words(where: Whereabouts, cut_name: str) -> list[str]:
    """What will be put where, a line each."""
    translate = QCoreApplication.translate
    lines = [
        translate("Export", "{track}: {count} takes").format(track=name, count=count)
        if count != 1
        else translate("Export", "{track}: one take").format(track=name)
        for name, count in where.tracks
    ]
    if where.takes_folder is not None:
        words = translate("Export", "The takes stay in {} and are played from there.")
        lines.append(words.format(without_home(str(where.takes_folder))))
    if where.has_sheets:
        lines.append(translate("Export", "Beside them: the cue sheet, the hits as markers, and the levels."))
    lines.append(translate("Export", "{} itself is not changed.").format(cut_name))
    return lines
