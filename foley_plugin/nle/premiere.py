"""Adobe Premiere Pro 25.6 and later. Unproven: no genuine export of its was to be had.

No LinkID is written: a wrong one fuses and mutes clips.
"""

from __future__ import annotations

from foley_plugin.nle.target import Metadata, NleTarget

MONO, STEREO = 0, 1


def _track_metadata(num_channels: int) -> Metadata:
    channels = {"ChannelType": MONO if num_channels == 1 else STEREO, "NumberOfChannels": num_channels}
    return {"PremierePro_OTIO": {"AudioChannels": channels}}


def _clip_metadata(num_channels: int) -> Metadata:
    return _track_metadata(num_channels)


PREMIERE = NleTarget("premiere", _track_metadata, _clip_metadata)
