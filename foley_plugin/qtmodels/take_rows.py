"""The takes of one clip as rows: numbered, ranked by how well they are in sync. Pure: no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from foley_plugin.qtmodels.lanes import ClipKey, LaneItem
from foley_plugin.qtmodels.take_shelf import ShelfTake, TakeShelf
from foley_plugin.takes.take_marks import TakeSync
from foley_plugin.timeline.placement import SAMPLE_RATE

NUM_KEYS = 9


@dataclass(frozen=True)
class TakeRow:
    """One take of a clip, as a lane shows it.

    Attributes:
        number: the key that puts it on the timeline; None past the ninth and in the trash.
        item: how it lies, or would lie, on the timeline.
        sync: as measured, with the slip counted in; None where it was not measured.
        rank: 1 is best in sync; None where it was not measured, or nothing is to be compared.
    """

    take_id: str
    number: int | None
    name: str
    label: str
    item: LaneItem
    is_favourite: bool = False
    is_placed: bool = False
    is_trashed: bool = False
    sync: TakeSync | None = None
    rank: int | None = None
    slip_frames: float = 0.0
    """Positive is later."""


def rows_of(
    shelf: TakeShelf, clip: ClipKey, rate: Fraction, *, best_first: bool = False, with_trash: bool = False
) -> list[TakeRow]:
    """In the order that they were made, so that a number stays with its take; or the best in sync first.

    What lies in the trash comes last.

    Args:
        rate: frames a second of the timeline.
    """
    takes = shelf.takes_of(clip)[::-1]
    ranks = _ranks([(take.take_id, sync_of(shelf, take)) for take in takes])
    if best_first:
        unranked = len(takes) + 1
        takes.sort(key=lambda take: ranks.get(take.take_id, unranked))
    rows = [
        _row(shelf, take, rate, number if number <= NUM_KEYS else None, ranks.get(take.take_id))
        for number, take in enumerate(takes, start=1)
    ]
    if with_trash:
        trashed = (take for take in shelf.all_takes_of(clip)[::-1] if shelf.is_trashed(take.take_id))
        rows += [_row(shelf, take, rate, None, None) for take in trashed]
    return rows


def sync_of(shelf: TakeShelf, take: ShelfTake) -> TakeSync | None:
    """As measured, its offset moved by the slip."""
    sync = shelf.syncs.get(take.take_id)
    if sync is None or sync.offset_ms is None:
        return sync
    return TakeSync(sync.f1_100ms, sync.offset_ms + 1000 * take.slip_samples / SAMPLE_RATE)


def _ranks(syncs: Sequence[tuple[str, TakeSync | None]]) -> dict[str, int]:
    """More hits met first, then the smaller offset, then the older."""
    measured = [(take_id, sync) for take_id, sync in syncs if sync is not None]
    if len(measured) < 2:
        return {}
    measured.sort(key=lambda each: (-each[1].f1_100ms, abs(each[1].offset_ms or 0.0)))
    return {take_id: rank for rank, (take_id, _) in enumerate(measured, start=1)}


def _row(shelf: TakeShelf, take: ShelfTake, rate: Fraction, number: int | None, rank: int | None) -> TakeRow:
    mark = shelf.mark(take.take_id)
    return TakeRow(
        take_id=take.take_id,
        number=number,
        name=shelf.name(take.take_id),
        label=take.take.label,
        item=shelf.item(take, rate),
        is_favourite=mark.is_favourite,
        is_placed=shelf.is_placed(take.take_id),
        is_trashed=mark.trashed_at is not None,
        sync=sync_of(shelf, take),
        rank=rank,
        slip_frames=float(Fraction(take.slip_samples, SAMPLE_RATE) * rate),
    )
