"""The name of the audio device that is played to, for people; asked in a thread, since drivers take their time."""

from __future__ import annotations

import importlib


def default_device_name() -> str | None:
    """The system's own choice for sound; None where there is no device, or no way to ask for it."""
    try:
        sounddevice = importlib.import_module("sounddevice")
        name = sounddevice.query_devices(kind="output")["name"]
    except Exception:  # drivers and a missing PortAudio raise whatever they like; it only means: none
        return None
    return str(name)
