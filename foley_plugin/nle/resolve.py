"""DaVinci Resolve, by its own exports of versions 18 to 21.

Linked clips share a Link Group ID; new ones are linked to nothing, so they carry none.
"""

from __future__ import annotations

from foley_plugin.nle.target import Imports, MediaPaths, Metadata, NleTarget, Trait

AUDIO_TYPES = {1: "Mono", 2: "Stereo", 6: "5.1", 8: "7.1"}


def _track_metadata(num_channels: int) -> Metadata:
    audio_type = AUDIO_TYPES.get(num_channels, f"Adaptive {num_channels}")
    return {"Resolve_OTIO": {"Audio Type": audio_type, "Locked": False, "SoloOn": False}}


def _clip_metadata(num_channels: int) -> Metadata:
    """Every channel of the file's one audio stream, in order."""
    channels = [{"Source Channel ID": channel, "Source Track ID": 0} for channel in range(num_channels)]
    return {"Resolve_OTIO": {"Channels": channels}}


def _gain_effects(gain_db: float) -> list[Metadata]:
    """A clip's volume as Resolve 21 writes it; nothing at 0 dB.

    Its fades (`faderIn`, `faderOut`) are left out: what they are counted in is not known.
    """
    if gain_db == 0:
        return []
    volume = {
        "Default Parameter Value": 0.0,
        "Key Frames": {},
        "Parameter ID": "volume",
        "Parameter Value": float(gain_db),
        "Variant Type": "Double",
        "maxValue": 30.0,
        "minValue": -100.0,
    }
    effect = {
        "Display Type": 1,
        "Effect Name": "Fairlight Clip Volume and Fades",
        "Enabled": True,
        "Name": "Volume",
        "Parameters": [volume],
        "Type": 62,
    }
    return [
        {
            "OTIO_SCHEMA": "Effect.1",
            "metadata": {"Resolve_OTIO": effect},
            "name": "",
            "effect_name": "Resolve Effect",
        }
    ]


IMPORTS = Imports(
    loses={
        Trait.FAST: "is off by 1 to 9 frames after the import",
        Trait.REVERSE: "plays the wrong frames after the import",
        Trait.RAMP: "may lose its speed ramp in the import",
    },
    refuses={Trait.TITLE: "a script's import fails on it"},
    missing_media="refused",
    paths=MediaPaths.PLAIN,
    bad_in_paths="%[0-9A-Fa-f]{2}",
    names_with_suffix=True,
    decimal_points=True,
    partial_links=True,
)

RESOLVE = NleTarget(
    "resolve",
    _track_metadata,
    _clip_metadata,
    _gain_effects,
    title="DaVinci Resolve, OpenTimelineIO",
    imports=IMPORTS,
)
