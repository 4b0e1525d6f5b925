"""Final Cut Pro's FCPXML, read here: the adapter fails at 23.976 and 29.97 and knows no retimes."""

from __future__ import annotations

from fractions import Fraction
from xml.etree.ElementTree import Element

from foley_plugin.timeline.errors import TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.formats.converted import Converted
from foley_plugin.timeline.formats.fcpxml_resources import Resources
from foley_plugin.timeline.formats.fcpxml_story import Story
from foley_plugin.timeline.formats.fcpxml_times import time_of
from foley_plugin.timeline.formats.parts import collection_json, time_json, timeline_json
from foley_plugin.timeline.formats.xml_tree import parsed_xml, shown
from foley_plugin.timeline.guards import Json

MAX_CLIPS = 100_000
"""Nests opened."""


def converted_fcpxml(raw: bytes, file_name: str) -> Converted:
    """Every project of the file as a timeline.

    Raises:
        TimelineError: any of its leaves.
    """
    root = parsed_xml(raw, file_name)
    resources = Resources(root, file_name)
    found = _sequences(root)
    if not found:
        raise TimelineUnreadable(
            f"{file_name} holds clips but no project; open the project in Final Cut Pro and export that."
        )
    notices: dict[str, None] = {}
    timelines = [_timeline(name, sequence, resources, file_name, notices) for name, sequence in found]
    drop_frame = {sequence.get("tcFormat") == "DF" for _, sequence in found}
    return Converted(
        timelines[0] if len(timelines) == 1 else collection_json(file_name, timelines),
        tuple(notices),
        drop_frame.pop() if len(drop_frame) == 1 else None,
    )


def _sequences(root: Element) -> list[tuple[str, Element]]:
    """Projects and the sequence of each; where there is no project, the one compound clip of the file."""
    found = [
        (shown(project.get("name")), sequence)
        for project in root.iter("project")
        for sequence in project.findall("sequence")
    ]
    if found:
        return found
    return [
        (shown(media.get("name")), sequence)
        for media in root.iterfind("resources/media")
        for sequence in media.findall("sequence")
    ]


def _timeline(
    name: str, sequence: Element, resources: Resources, file_name: str, notices: dict[str, None]
) -> Json:
    if resources.count_clips(sequence) > MAX_CLIPS:
        raise TimelineTooLarge(f"{file_name} holds too much; export a shorter part of the cut.")
    rate = resources.rate_of(sequence) or Fraction(24)
    story = Story(resources, rate, file_name)
    stack = story.sequence(sequence, name)
    start = time_of(sequence, "tcStart") or Fraction(0)
    notices.update(dict.fromkeys(story.notices))
    if resources.rate_of(sequence) is None:
        notices[f"The project “{name}” names no frame rate; 24 frames a second are assumed."] = None
    metadata = {"fcpxml": {"tcFormat": sequence.get("tcFormat", "NDF")}}
    return timeline_json(name, stack, time_json(start, rate), metadata)
