"""The cues over which a person has set hits or drawn a curve, and what of their media they show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from foley_plugin.jobs.recut.moving import moved_curve
from foley_plugin.takes.records import Cue, Spotting
from foley_plugin.takes.store import Store
from foley_plugin.timeline.ranges import Piece, pieces_of_spans
from foley_plugin.timeline.twins import Instance


@dataclass(frozen=True)
class EditedCue:
    """`time_map` is the cue's picture as played, from 0 on, without handles; `instance` as `Recording.instance`."""

    cue_id: int
    layer: int
    media: str | None
    time_map: list[Piece]
    spotting: Spotting
    instance: Instance | None = None

    @property
    def has_curve(self) -> bool:
        return self.spotting.curve_by_hand and bool(self.spotting.curve)

    def curve_over(self, time_map: Sequence[Piece], *, head: Fraction, num_points: int) -> tuple[float, ...]:
        """The drawn curve at the moments that another map shows; see `moved_curve`."""
        return moved_curve(
            self.spotting.curve or [], self.time_map, time_map, head=head, num_points=num_points
        )


def edited_cues(store: Store, cues: Iterable[Cue]) -> list[EditedCue]:
    sources = store.cue_sources.sources()
    return [
        EditedCue(
            cue.id,
            cue.layer,
            sources[cue.id].media_identity,
            pieces_of_spans(sources[cue.id].spans),
            cue.spotting,
            sources[cue.id].instance,
        )
        for cue in cues
        if cue.spotting is not None
        and (cue.spotting.by_hand or cue.spotting.curve_by_hand)
        and cue.id in sources
    ]
