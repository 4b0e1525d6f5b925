"""From placements to a written timeline, the same way wherever foley is written: levels, file, hand-back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.protocol import fraction
from foley_plugin.services.hand_back import keep_hand_back
from foley_plugin.timeline.client import write_cut
from foley_plugin.timeline.records import CutRecord, Placement


def write_foley(cut: CutRecord, target: Path, placements: Sequence[Placement], project: Path) -> Path:
    """Write the cut with takes at their families' levels to a new file, and tell the editors' scripts of it.

    Raises:
        TimelineError: the timeline cannot be written.
    """
    placed = levelled_for(cut, placements)
    written = write_cut(Path(cut.path), target, placed, source_sha256=cut.source_sha256, reading=cut.reading)
    keep_hand_back(project, cut, written, placed)
    return written


def levelled_for(cut: CutRecord, placements: Sequence[Placement]) -> list[Placement]:
    from foley_plugin.takes.levels import levelled  # here, since numpy is not needed to start

    return levelled(placements, fraction(cut.rate))
