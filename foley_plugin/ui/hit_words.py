"""What a hit is, in words: for tooltips, for the tool line and for screen readers."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication

from foley_plugin.qtmodels.hit_sheet import HeardHit, HitMark, HitSheet
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler


def words_of_hit(sheet: HitSheet, ruler: TimecodeRuler, mark: HitMark) -> list[str]:
    """Timecode, kind and strength; then when each take sounds there."""
    record_s = sheet.record_s(mark)
    hits = sheet.of(mark.clip)
    if hits.by_hand.hits is None:
        kind = QCoreApplication.translate("Hits", "Hit as detected, strength {:.0%}")
    elif mark.point in (hits.detected or ()):
        kind = QCoreApplication.translate("Hits", "Hit as detected, kept, strength {:.0%}")
    else:
        kind = QCoreApplication.translate("Hits", "Hit set by hand, strength {:.0%}")
    lines = [ruler.text(record_s), kind.format(mark.point.strength)]
    takes = sheet.takes_of(mark.clip)
    for take in takes:
        if take.wav in sheet.heard:
            heard = [_lateness(each.late_s) for each in sheet.heard_in(take) if each.hit_s == record_s]
            told = heard or [QCoreApplication.translate("Hits", "Not heard in the take")]
            is_layered = len(takes) > 1 and bool(take.sound)
            lines += [f"{take.sound}: {words}" for words in told] if is_layered else told
    return lines


def words_of_heard(ruler: TimecodeRuler, heard: HeardHit) -> list[str]:
    """Timecode of an onset, and how far it is from its hit."""
    off = (
        QCoreApplication.translate("Hits", "Heard where no hit is")
        if heard.hit_s is None
        else _lateness(heard.late_s)
    )
    return [ruler.text(heard.heard_s), off]


def words_of_selection(sheet: HitSheet, ruler: TimecodeRuler) -> str:
    """The one hit that is selected, or how many; "" where there is none."""
    marks = sorted(sheet.selected)
    if len(marks) == 1:
        return "   ·   ".join(words_of_hit(sheet, ruler, marks[0]))
    return QCoreApplication.translate("Hits", "{} hits selected").format(len(marks)) if marks else ""


def _lateness(late_s: float) -> str:
    late_ms = round(1000 * late_s)
    if late_ms == 0:
        return QCoreApplication.translate("Hits", "Heard in time")
    words = (
        QCoreApplication.translate("Hits", "Heard {} ms late")
        if late_ms > 0
        else QCoreApplication.translate("Hits", "Heard {} ms early")
    )
    return words.format(abs(late_ms))
