"""XML, read once and with limits: no entities, nothing external, no depth that no editor writes."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from foley_plugin.timeline.errors import TimelineTooLarge, TimelineUnreadable

MAX_XML_BYTES = 128 * 1024 * 1024
MAX_ELEMENTS = 3_000_000
MAX_XML_DEPTH = 256


class _Limited(TreeBuilder):
    """Stops while parsing: what is built already must be small enough to be thrown away."""

    def __init__(self, file_name: str) -> None:
        super().__init__()
        self._file_name = file_name
        self._depth = 0
        self._count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_XML_DEPTH:
            raise TimelineTooLarge(
                f"{self._file_name} is nested more than {MAX_XML_DEPTH} deep, which no real cut is; "
                "decompose its compound clips and export again."
            )
        if self._count > MAX_ELEMENTS:
            raise TimelineTooLarge(f"{self._file_name} holds too much; export a shorter part of the cut.")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def parsed_xml(raw: bytes, file_name: str) -> Element:
    """The root element.

    Raises:
        TimelineUnreadable: not well-formed, or with entities of its own.
        TimelineTooLarge.
    """
    if len(raw) > MAX_XML_BYTES:
        raise TimelineTooLarge(
            f"{file_name} is larger than {MAX_XML_BYTES // 2**20} MB; export a shorter part of the cut."
        )
    parser = DefusedXMLParser(target=_Limited(file_name), forbid_dtd=False, forbid_entities=True)
    try:
        parser.feed(raw)
        root = parser.close()
    except DefusedXmlException:
        raise TimelineUnreadable(
            f"{file_name} defines entities of its own, which no editor writes and which are not opened; "
            "export the cut again."
        ) from None
    except ParseError as error:
        line = error.position[0]
        raise TimelineUnreadable(
            f"{file_name} is damaged or cut short (line {line}); export the cut again."
        ) from None
    except (ValueError, LookupError, UnicodeError):
        raise TimelineUnreadable(
            f"{file_name} is in a character encoding that cannot be read; export the cut again as UTF-8."
        ) from None
    if not isinstance(root, Element):
        raise TimelineUnreadable(f"{file_name} is damaged or cut short; export the cut again.")
    return root


def text_in(element: Element, path: str) -> str:
    """The stripped text of the first element at `path`, empty where there is none."""
    found = element.find(path)
    return (found.text or "").strip() if found is not None else ""


def shown(text: str | None) -> str:
    """A name from a file for the middle of a sentence."""
    return " ".join((text or "").split()).encode("utf-8", "replace").decode()[:80]
