"""OpenTimelineIO as it is, for any other program."""

from __future__ import annotations

from foley_plugin.nle.target import Metadata, NleTarget


def _nothing(num_channels: int) -> Metadata:
    return {}


PLAIN = NleTarget("plain", _nothing, _nothing, title="OpenTimelineIO")
