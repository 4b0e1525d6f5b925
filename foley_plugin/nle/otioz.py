"""An OTIOZ bundle: the timeline and its media in one file, for a move to another machine."""

from __future__ import annotations

from foley_plugin.nle.target import Imports, MediaPaths, NleTarget

OTIOZ = NleTarget(
    "otioz",
    title="OpenTimelineIO bundle with its media",
    suffix=".otioz",
    imports=Imports(loses={}, refuses={}, paths=MediaPaths.ANY),
    is_bundle=True,
)
