"""A clip's media reference, read from its JSON by the reader's own rules."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from foley_plugin.timeline.guards import Json, schema_name
from foley_plugin.timeline.references import Reference, reference_of
from foley_plugin.timeline.timeline_rate import active_reference

DEFAULTS: Json = {
    "name": "",
    "metadata": {},
    "target_url": "",
    "target_url_base": "",
    "name_prefix": "",
    "name_suffix": "",
    "start_frame": 1,
    "frame_step": 1,
    "rate": 1.0,
    "frame_zero_padding": 0,
    "value": 0.0,
}
"""What OpenTimelineIO takes where the JSON says nothing; None for all else."""


def reference_in(clip: Json, folder: str, whose: str) -> Reference:
    """Read a clip's active media reference; relative paths count from `folder`."""
    return reference_of(_Node(clip), folder, whose, from_resolve=False)


class _Node:
    """JSON in the shape that `reference_of` reads; OpenTimelineIO itself is loaded by the reader alone."""

    def __init__(self, node: Json) -> None:
        self._node = node

    def schema_name(self) -> str:
        return schema_name(self._node) or ""

    @property
    def media_reference(self) -> _Node | None:
        reference = active_reference(self._node)
        return _Node(reference) if reference else None

    @property
    def missing_frame_policy(self) -> SimpleNamespace:
        return SimpleNamespace(name=self._node.get("missing_frame_policy"))

    def __getattr__(self, name: str) -> Any:
        value = self._node.get(name)
        if isinstance(value, dict) and "OTIO_SCHEMA" in value:
            return _Node(value)
        return DEFAULTS.get(name) if value is None else value
