"""Adobe Premiere Pro 25.6 and later. Unproven: no genuine export of its was to be had.

No LinkID is written: a wrong one fuses and mutes clips.
"""

from __future__ import annotations

from foley_plugin.nle.target import Imports, MediaPaths, Metadata, NleTarget, Trait

MONO, STEREO = 0, 1


def _track_metadata(num_channels: int) -> Metadata:
    channels = {"ChannelType": MONO if num_channels == 1 else STEREO, "NumberOfChannels": num_channels}
    return {"PremierePro_OTIO": {"AudioChannels": channels}}


def _clip_metadata(num_channels: int) -> Metadata:
    return _track_metadata(num_channels)


IMPORTS = Imports(
    loses={
        Trait.REVERSE: "comes in with a shifted start",
        Trait.FAST: "may come in at another length, since programs disagree on what a retimed range means",
        Trait.SLOW: "may come in at another length, since programs disagree on what a retimed range means",
        Trait.RAMP: "comes in without its speed ramp",
        Trait.EFFECT: "comes in without its effects",
        Trait.LINK: "may be fused with another clip and muted by its LinkID",
    },
    refuses={},
    paths=MediaPaths.ANY,
)

PREMIERE = NleTarget(
    "premiere",
    _track_metadata,
    _clip_metadata,
    title="Adobe Premiere Pro, OpenTimelineIO",
    imports=IMPORTS,
    caveat="The OTIO import of Premiere Pro is unproven here; --target fcp7xml is the steadier way into it.",
)
