"""What a hit is, in words: for tooltips, for the tool line and for screen readers."""

from __future__ import annotations

from PyQt6.QtCore import QCoreApplication

from foley_plugin.qtmodels.hit_sheet import HitMark, HitSheet
from foley_plugin.qtmodels.timecode_ruler import TimecodeRuler


def words_of_hit(sheet: HitSheet, ruler: TimecodeRuler, mark: HitMark) -> list[str]:
    """Timecode, kind and strength; then when each take sounds there."""
    record_s = sheet.record_s(mark)
    hits = sheet.of(mark.clip)
    if hits.by_hand.hits is None:
        kind = _tr("Hit as detected, strength {:.0%}")
    elif mark.point in (hits.detected or ()):
        kind = _tr("Hit as detected, kept, strength {:.0%}")
    else:
        kind = _tr("Hit set by hand, strength {:.0%}")
    lines = [ruler.text(record_s), kind.format(mark.point.strength)]
    for take in sheet.takes_of(mark.clip):
        if take.wav in sheet.heard:
            heard = [each for each in sheet.heard_in(take) if each.hit_s == record_s]
            lines += [_lateness(each.late_s) for each in heard] or [_tr("Not heard in the take")]
    return lines


def words_of_selection(sheet: HitSheet, ruler: TimecodeRuler) -> str:
    """The one hit that is selected, or how many; "" where there is none."""
    marks = sorted(sheet.selected)
    if len(marks) == 1:
        return "   ·   ".join(words_of_hit(sheet, ruler, marks[0]))
    return _tr("{} hits selected").format(len(marks)) if marks else ""


def _lateness(late_s: float) -> str:
    late_ms = round(1000 * late_s)
    if late_ms == 0:
        return _tr("Heard in time")
    words = _tr("Heard {} ms late") if late_ms > 0 else _tr("Heard {} ms early")
    return words.format(abs(late_ms))


def _tr(words: str) -> str:
    return QCoreApplication.translate("Hits", words)
