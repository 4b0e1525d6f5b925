"""Foley as a plugin of OpenTimelineIO: a hook that any of its tools can call.

    otioconvert -i cut.edl -o cut.otio -H foley=True -H foley_label=hammer

OpenTimelineIO imports this package in every program that uses it, so nothing is imported here. What the hook
takes and does is told in `foley_hook.py`, which is loaded when a timeline is written.
"""
