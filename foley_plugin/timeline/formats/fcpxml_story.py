"""The storylines of an FCPXML: what follows each other, what is connected to it, what is nested in it.

Times inside an element count in the local time of the element around it. A connected clip's `offset`
counts in the local time of the clip that it hangs on, which begins at that clip's `start`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from xml.etree.ElementTree import Element

from foley_plugin.timeline.errors import BadTime, TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.formats.fcpxml_clip import asset_clip, warped
from foley_plugin.timeline.formats.fcpxml_resources import CLIPS, ZERO, Resources
from foley_plugin.timeline.formats.fcpxml_times import duration_of, time_of, whose
from foley_plugin.timeline.formats.layers import Layers, Placed
from foley_plugin.timeline.formats.parts import (
    clip_json,
    generator_json,
    missing_json,
    range_json,
    stack_json,
)
from foley_plugin.timeline.formats.xml_tree import shown
from foley_plugin.timeline.guards import MAX_NESTING, Json, too_deep

STORY = CLIPS | {"spine", "transition"}


class Story:
    """Turns the story elements of one sequence into OpenTimelineIO JSON.

    Args:
        rate: frames a second of the sequence.
    """

    def __init__(self, resources: Resources, rate: Fraction, file_name: str) -> None:
        self.notices: list[str] = []
        self._resources = resources
        self._rate = rate
        self._file_name = file_name
        self._around: list[Element] = []

    def sequence(self, sequence: Element, name: str) -> Json:
        """A sequence's storylines as a stack whose time begins at the sequence's start."""
        layers = Layers(self._rate)
        with self._inside(sequence):
            for spine in sequence.findall("spine"):
                self._lay_spine(spine, ZERO, time_of(sequence, "tcStart") or ZERO, 0, layers)
        return stack_json(name, layers.tracks())

    @contextmanager
    def _inside(self, element: Element) -> Iterator[None]:
        """Guards one level of nesting, which resources can make endless."""
        if any(each is element for each in self._around):
            raise TimelineUnreadable(
                f"{self._file_name} is broken: {whose(element)} contains itself; export the cut again."
            )
        if len(self._around) >= MAX_NESTING // 2:
            raise TimelineTooLarge(too_deep(self._file_name))
        self._around.append(element)
        yield
        self._around.pop()

    def _lay_spine(self, spine: Element, at: Fraction, base: Fraction, lane: int, layers: Layers) -> Fraction:
        """Lay a storyline out; returns where it ends.

        Args:
            at: the record time of the storyline's beginning.
            base: the local time there.
        """
        cursor = at
        first = next((time_of(each, "offset") for each in spine if each.tag in CLIPS), None)
        base = ZERO if first is not None and first < base else base
        for element in spine:
            if element.tag == "transition":
                self._lay_transition(element, at - base, lane, layers)
            elif element.tag in CLIPS:
                offset = time_of(element, "offset")
                start = cursor if offset is None else at + offset - base
                if start < cursor - 1 / self._rate:
                    raise BadTime(
                        f"{whose(element)} begins before the clip in front of it ends; "
                        "export the cut again from your editor."
                    )
                cursor = self._lay_clip(element, max(cursor, start), lane, layers)
        return cursor

    def _lay_transition(self, element: Element, shift: Fraction, lane: int, layers: Layers) -> None:
        offset = time_of(element, "offset")
        if offset is not None:
            start = max(ZERO, shift + offset)
            end = shift + offset + duration_of(element)
            layers.lane(lane).transitions.append((start, end, shown(element.get("name"))))

    def _lay_clip(self, element: Element, at: Fraction, lane: int, layers: Layers) -> Fraction:
        """Lay a clip and what is connected to it; returns where the clip ends."""
        if element.tag == "audition":
            element = next((each for each in element if each.tag in CLIPS), element)
        asset = self._resources.asset(element) if element.tag == "asset-clip" else None
        duration = duration_of(element, asset.duration if asset else None)
        item = self._item(element, duration)
        if item is not None:
            item["enabled"] = element.get("enabled", "1") != "0"
            placed = Placed(at, at + duration, item)
            layers.place(lane, placed, is_audio=self._is_audio(element))
        self._lay_connected(element, at, lane, layers)
        return at + duration

    def _lay_connected(self, element: Element, at: Fraction, lane: int, layers: Layers) -> None:
        local_start = self._local_start(element)
        for child in element:
            if child.tag not in STORY or not _lane(child):
                continue
            offset = time_of(child, "offset")
            child_at = at if offset is None else at + offset - local_start
            if child_at < 0:
                raise BadTime(f"{whose(child)} begins before the timeline; export the cut again.")
            if child.tag == "spine":
                self._lay_spine(child, child_at, ZERO, lane + _lane(child), layers)
            elif child.tag in CLIPS:
                self._lay_clip(child, child_at, lane + _lane(child), layers)

    def _local_start(self, element: Element) -> Fraction:
        start = time_of(element, "start")
        if start is not None:
            return start
        inner = self._inner(element)
        if inner is not None:
            return time_of(inner, "tcStart") or ZERO
        asset = self._resources.asset(element)
        return asset.start if asset is not None else ZERO

    def _inner(self, element: Element) -> Element | None:
        """The sequence of a compound clip, the multicam of a multicam clip."""
        kind = {"ref-clip": "sequence", "mc-clip": "multicam"}.get(element.tag)
        media = self._resources.of(element)
        if kind is None or media is None or media.tag != "media":
            return None
        return media.find(kind)

    def _is_audio(self, element: Element) -> bool:
        if element.tag == "audio" or element.get("srcEnable") == "audio":
            return True
        asset = self._resources.asset(element)
        return element.tag == "asset-clip" and asset is not None and not asset.has_video

    def _item(self, element: Element, duration: Fraction) -> Json | None:
        """The element as an item without its connected clips; None for what is empty."""
        name = shown(element.get("name"))
        if element.tag in ("gap", "audition"):
            return None
        if element.tag == "title":
            return self._plain(element, name, duration, generator_json(name, "title"))
        if element.tag in ("ref-clip", "mc-clip"):
            return self._from_media(element, name, duration)
        if element.tag in ("clip", "sync-clip"):
            return self._container(element, name, duration)
        asset = self._resources.asset(element)
        if asset is not None:
            return asset_clip(element, asset, self._rate, duration)
        if self._resources.of(element) is not None:
            return self._plain(element, name, duration, generator_json(name, "generator"))
        return self._plain(element, name, duration, missing_json(name))

    def _plain(self, element: Element, name: str, duration: Fraction, reference: Json) -> Json:
        start = time_of(element, "start") or ZERO
        return clip_json(name, range_json(start, duration, self._rate, self._rate), reference)

    def _from_media(self, element: Element, name: str, duration: Fraction) -> Json:
        """A compound clip, or the angle of a multicam clip that is seen."""
        inner = self._inner(element)
        if inner is None:
            return self._plain(element, name, duration, missing_json(name))
        is_compound = element.tag == "ref-clip"
        stack = self.sequence(inner, name) if is_compound else self._angle(element, inner, name)
        base = time_of(inner, "tcStart") or ZERO
        return warped(stack, element, self._rate, duration, base)

    def _angle(self, element: Element, multicam: Element, name: str) -> Json:
        wanted = next(
            (
                source.get("angleID")
                for source in element.findall("mc-source")
                if source.get("srcEnable", "all") in ("all", "video")
            ),
            None,
        )
        angles = multicam.findall("mc-angle")
        angle = next((each for each in angles if each.get("angleID") == wanted), None)
        if angle is None:
            if not angles:
                return stack_json(name, [])
            angle = angles[0]
            self.notices.append(f"{whose(element)} does not say which angle is seen; the first is taken.")
        layers = Layers(self._rate)
        with self._inside(multicam):
            self._lay_spine(angle, ZERO, time_of(multicam, "tcStart") or ZERO, 0, layers)
        return stack_json(name, layers.tracks())

    def _container(self, element: Element, name: str, duration: Fraction) -> Json:
        """A clip that holds others: one media file as a plain clip, anything more as a nest."""
        inner = [child for child in element if child.tag in (CLIPS | {"spine"}) and not _lane(child)]
        if len(inner) == 1 and inner[0].tag in ("video", "audio"):
            asset = self._resources.asset(inner[0])
            hangs = any(child.tag in STORY for child in inner[0] if child.tag != "audio")
            if asset is not None and not hangs:
                shift = self._local_start(inner[0]) - (time_of(inner[0], "offset") or ZERO)
                return asset_clip(element, asset, self._rate, duration, shift)
        layers = Layers(self._rate)
        base = min((time_of(child, "offset") or ZERO for child in inner), default=ZERO)
        with self._inside(element):
            for child in inner:
                at = (time_of(child, "offset") or ZERO) - base
                if child.tag == "spine":
                    self._lay_spine(child, at, ZERO, 0, layers)
                else:
                    self._lay_clip(child, at, 0, layers)
        return warped(stack_json(name, layers.tracks()), element, self._rate, duration, base)


def _lane(element: Element) -> int:
    try:
        return max(-1000, min(1000, int(element.get("lane", "0"))))
    except ValueError:
        return 0
