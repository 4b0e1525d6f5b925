"""XML as editing programs read it: elements from Python values, and file URLs."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import PureWindowsPath
from typing import BinaryIO
from urllib.parse import quote

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def add(parent: ET.Element, tag: str, text: object = None, **attributes: object) -> ET.Element:
    """A new child; attributes that are None are left out."""
    given = {name: clean(str(value)) for name, value in attributes.items() if value is not None}
    child = ET.SubElement(parent, tag, given)
    if text is not None:
        child.text = clean(str(text))
    return child


def clean(text: str) -> str:
    """Without the characters that no XML may hold, such as half surrogates and control signs."""
    return _NOT_XML.sub("\ufffd", text)


def write_document(root: ET.Element, doctype: str, out: BinaryIO) -> None:
    ET.indent(root)
    out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {doctype}>\n'.encode())
    out.write(ET.tostring(root, encoding="utf-8", xml_declaration=False))
    out.write(b"\n")


def file_url(path: str, *, host: str = "") -> str:
    """A file URL of a plain path of either system, percent-encoded.

    >>> file_url("/a b/c.wav", host="localhost")
    'file://localhost/a%20b/c.wav'
    >>> file_url("D:\\\\x\\\\#1.mov", host="localhost")
    'file://localhost/D%3a/x/%231.mov'
    """
    if _DRIVE.match(path):
        slashed = PureWindowsPath(path).as_posix()
        colon = "%3a" if host else ":"
        return f"file://{host}/{slashed[0]}{colon}{_quoted(slashed[2:])}"
    if path.startswith("\\\\"):
        server, _, rest = path[2:].replace("\\", "/").partition("/")
        return f"file://{_quoted(server)}/{_quoted(rest)}"
    return f"file://{host}{_quoted(path)}"


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"), safe="/-_.~()!$&'*+,=@")
