"""Final Cut Pro 7's XML (xmeml), which Premiere, Resolve and Avid write too, by OpenTimelineIO's adapter.

The adapter takes the first element of an id for all others, loses the tracks of nested sequences and knows
no speed, no disabled clip and no drop-frame. So stubs are filled in and nests laid open before it reads,
and what it left in its metadata is put in force after.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, tostring

from foley_plugin.timeline.errors import TimelineTooLarge, TimelineUnreadable
from foley_plugin.timeline.formats.adapters import json_of_string
from foley_plugin.timeline.formats.converted import Converted
from foley_plugin.timeline.formats.xmeml_mending import mended
from foley_plugin.timeline.formats.xml_tree import MAX_ELEMENTS, parsed_xml, shown, text_in
from foley_plugin.timeline.guards import MAX_NESTING, too_deep

MAX_COPIED = 400_000
MAX_COPIES = 8
"""Elements that nests may add when they are laid open: so many, or so many times what the file holds.

Editors write a nested sequence once and name it from each picture and sound clip that shows it, often a
whole reel from one clip of picture and several of sound.
"""
REFERRED = ("file", "sequence", "clip", "clipitem", "generatoritem", "transitionitem", "media", "timecode")


def converted_xmeml(raw: bytes, file_name: str) -> Converted:
    """Every sequence of the file as a timeline.

    Raises:
        TimelineError: any of its leaves.
    """
    root = parsed_xml(raw, file_name)
    _Stubs(root, file_name).fill(root)
    for sequence in root.iter("sequence"):
        _check_tracks(sequence, file_name)
    for item in root.iter("clipitem"):
        _open_nest(item)
    for sequence in root.iter("sequence"):
        _put_rate_first(sequence)
    text = tostring(root, encoding="unicode")
    converted = json_of_string(text, "fcp_xml", "a Final Cut Pro XML", file_name)
    return mended(converted, file_name)


class _Stubs:
    """`<file id="file-1"/>` stands for the full element of that id elsewhere in the file."""

    def __init__(self, root: Element, file_name: str) -> None:
        self._file_name = file_name
        self._full: dict[tuple[str, str], Element] = {}
        self._shared: dict[int, int] = {}
        self._total = self._copied = written = 0
        for each in root.iter():
            written += 1
            if len(each) and each.get("id") and each.tag in REFERRED:
                self._full.setdefault((each.tag, each.get("id", "")), each)
        self._max_copied = max(MAX_COPIED, MAX_COPIES * written)

    def fill(self, element: Element, around: tuple[int, ...] = (), *, is_copy: bool = False) -> None:
        """Put full elements into their stubs, all the way down, with a limit on what comes of it."""
        shared = self._shared.get(id(element))
        self._add(1 if shared is None else shared, is_copy and shared is None)
        if shared is not None:
            return
        full = self._full.get((element.tag, element.get("id", "")))
        # An id that is left would make the adapter take another element for this one.
        element.attrib.pop("id", None)
        if full is not None:
            around = self._within(full, around)
            if element.tag == "file" and (element is full or not len(element)):
                self._share(element, full, around)
                return
            if not len(element):
                self._copy(element, full)
                is_copy = True
        for child in element:
            self.fill(child, around, is_copy=is_copy)

    def _within(self, full: Element, around: tuple[int, ...]) -> tuple[int, ...]:
        if id(full) in around:
            raise TimelineUnreadable(
                f"{self._file_name} is broken: the {full.tag} “{shown(text_in(full, 'name'))}” contains "
                "itself; export the cut again."
            )
        if len(around) >= MAX_NESTING:
            raise TimelineTooLarge(too_deep(self._file_name))
        return (*around, id(full))

    def _share(self, stub: Element, full: Element, around: tuple[int, ...]) -> None:
        """A file's elements stand in all its stubs without a copy: nothing changes them after this."""
        if id(full) not in self._shared:
            before = self._total
            for child in full:
                self.fill(child, around)
            self._shared[id(full)] = 1 + self._total - before
        elif stub is not full:
            self._add(self._shared[id(full)] - 1, is_copy=False)
        if stub is not full:
            self._shared[id(stub)] = self._shared[id(full)]
            stub.extend(full)
            stub.attrib.update((name, value) for name, value in full.attrib.items() if name != "id")

    def _copy(self, stub: Element, full: Element) -> None:
        stub.extend(_copied(child) for child in full)
        stub.attrib.update((name, value) for name, value in full.attrib.items() if name != "id")

    def _add(self, count: int, is_copy: bool) -> None:
        self._total += count
        self._copied += count if is_copy else 0
        if self._total > MAX_ELEMENTS:
            raise TimelineTooLarge(f"{self._file_name} holds too much; export a shorter part of the cut.")
        if self._copied > self._max_copied:
            raise TimelineTooLarge(
                f"{self._file_name} nests its sequences so often that it holds too much; "
                "export a shorter part of the cut."
            )


def _copied(element: Element) -> Element:
    if element.tag == "file":
        return element
    copy = Element(element.tag, dict(element.attrib))
    copy.text, copy.tail = element.text, element.tail
    copy.extend(_copied(child) for child in element)
    return copy


def _open_nest(item: Element) -> None:
    """A nested sequence's tracks right inside it, where the adapter looks for them."""
    for sequence in item.findall("sequence"):
        media = sequence.find("media")
        if media is not None:
            sequence.remove(media)
            sequence.extend(list(media))
    has_content = any(item.find(tag) is not None for tag in ("file", "sequence"))
    if not has_content:
        file = Element("file")
        name = Element("name")
        name.text = text_in(item, "name")
        file.append(name)
        item.append(file)


def _put_rate_first(sequence: Element) -> None:
    """The sequence's rate at the head of its tracks, until `mended` takes it out.

    The adapter asks a clip's track for a rate before the sequence, and a track without one is searched to its
    end for every clip: time that grows with the square of the cut.
    """
    rate = sequence.find("rate")
    if rate is not None:
        for track in _tracks(sequence):
            track.insert(0, rate)


def _tracks(sequence: Element) -> Iterator[Element]:
    for kind in ("video", "audio"):
        yield from sequence.iterfind(f"media/{kind}/track")
        yield from sequence.iterfind(f"{kind}/track")


def _check_tracks(sequence: Element, file_name: str) -> None:
    """The adapter fails without words on missing times, and shifts a track whose clips overlap."""
    for track in _tracks(sequence):
        end = 0
        for item in track:
            if item.tag not in ("clipitem", "generatoritem"):
                continue
            start, next_end = (_frame(item, tag, file_name) for tag in ("start", "end"))
            _frame(item, "in", file_name)
            if -1 < start < end or -1 < next_end < start:
                raise TimelineUnreadable(
                    f"{file_name} is broken: “{shown(text_in(item, 'name'))}” begins at frame {start}, "
                    f"before what is in front of it ends ({end}); export the cut again."
                )
            end = max(end, next_end)


def _frame(item: Element, tag: str, file_name: str) -> int:
    text = text_in(item, tag)
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        raise TimelineUnreadable(
            f"{file_name} is broken: “{shown(text_in(item, 'name'))}” has no usable {tag} point "
            f"(“{shown(text)}”); export the cut again."
        ) from None
