"""The resources that an FCPXML's clips refer to by their ids."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element

from foley_plugin.timeline.formats.fcpxml_times import rate_of_frame_duration, time_of, whose
from foley_plugin.timeline.formats.parts import external_json, missing_json, range_json
from foley_plugin.timeline.formats.xml_tree import shown
from foley_plugin.timeline.guards import Json

ZERO = Fraction(0)


@dataclass(frozen=True)
class Asset:
    """A media file.

    Attributes:
        start: the first frame in the media's own timecode, seconds.
        duration: zero where the file does not say.
        rate: frames a second, None for sound and stills.
    """

    name: str
    url: str
    start: Fraction
    duration: Fraction
    rate: Fraction | None
    has_video: bool

    def reference(self, rate: Fraction) -> Json:
        own = self.rate or rate
        available = range_json(self.start, self.duration, own, own) if self.duration > 0 else None
        if not self.url:
            return missing_json(self.name, available)
        return external_json(self.name, self.url, available)


CLIPS = frozenset(
    {"asset-clip", "clip", "video", "audio", "title", "gap", "ref-clip", "sync-clip", "mc-clip", "audition"}
)


class Resources:
    """Looks resources up by id; the first of an id counts."""

    def __init__(self, root: Element, file_name: str) -> None:
        self.file_name = file_name
        self._by_id: dict[str, Element] = {}
        for holder in root.iter("resources"):
            for each in holder:
                self._by_id.setdefault(each.get("id", ""), each)
        self._assets: dict[str, Asset | None] = {}
        self._counts: dict[int, int] = {}

    def count_clips(self, element: Element) -> int:
        """How many clips an element comes to, nests opened; one that contains itself counts once."""
        if id(element) not in self._counts:
            self._counts[id(element)] = 0
            count = 0
            for each in element.iter():
                count += each.tag in CLIPS
                nest = self.of(each) if each.tag in ("ref-clip", "mc-clip") else None
                count += 0 if nest is None else self.count_clips(nest)
            self._counts[id(element)] = count
        return self._counts[id(element)]

    def of(self, element: Element) -> Element | None:
        """What an element's `ref` names."""
        return self._by_id.get(element.get("ref", "\0"))

    def rate_of(self, element: Element) -> Fraction | None:
        """Frames a second of an element's format."""
        found = self._by_id.get(element.get("format", "\0"))
        text = found.get("frameDuration") if found is not None and found.tag == "format" else None
        if found is None or text is None:
            return None
        return rate_of_frame_duration(text, whose(found))

    def asset(self, element: Element) -> Asset | None:
        """The media file that a clip's `ref` names."""
        key = element.get("ref", "")
        if key not in self._assets:
            found = self.of(element)
            is_asset = found is not None and found.tag == "asset"
            self._assets[key] = self._asset(found) if found is not None and is_asset else None
        return self._assets[key]

    def _asset(self, asset: Element) -> Asset:
        representation = asset.find("media-rep")
        url = asset.get("src") or (representation.get("src") if representation is not None else None)
        return Asset(
            name=shown(asset.get("name")),
            url=url or "",
            start=time_of(asset, "start") or ZERO,
            duration=time_of(asset, "duration") or ZERO,
            rate=self.rate_of(asset),
            has_video=asset.get("hasVideo") == "1" or asset.get("hasAudio") != "1",
        )
