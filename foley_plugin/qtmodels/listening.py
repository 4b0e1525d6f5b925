"""What the editor listens to: mute and solo of each track, foley alone, production sound dimmed. Pure: no Qt.

A way of listening, not an edit: nothing of it is exported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from foley_plugin.qtmodels.lanes import LaneKind

DIM_DB = -18.0


@dataclass(frozen=True)
class Listening:
    """Tracks are named by their short names. As on a desk: a mute wins over a solo."""

    muted: frozenset[str] = frozenset()
    soloed: frozenset[str] = frozenset()
    is_foley_alone: bool = False
    is_production_dimmed: bool = False

    def factor(self, track: str, kind: LaneKind) -> float:
        """What a track's samples are multiplied with."""
        if track in self.muted or (self.soloed and track not in self.soloed):
            return 0.0
        if kind is LaneKind.FOLEY:
            return 1.0
        if self.is_foley_alone:
            return 0.0
        return 10 ** (DIM_DB / 20) if self.is_production_dimmed else 1.0

    def with_mute(self, track: str, is_on: bool) -> Listening:
        return replace(self, muted=self.muted | {track} if is_on else self.muted - {track})

    def with_solo(self, track: str, is_on: bool) -> Listening:
        return replace(self, soloed=self.soloed | {track} if is_on else self.soloed - {track})
