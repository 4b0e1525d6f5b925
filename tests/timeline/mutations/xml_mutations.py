"""Changes to an XML timeline's tree, and to its text."""

from __future__ import annotations

import copy
from random import Random
from xml.etree.ElementTree import Element, fromstring, tostring

HOSTILE_TEXT = [
    "", "0", "-1", "1", "nan", "inf", "1e999", "99999999999999999999", "-99999", "0.5", "1/0s", "0/5s", "-3s",
    "1001/24000s", "99999999999s",
    "TRUE", "FALSE", "DF", "file:///etc/passwd", "\\\\host\\share\\x", "é\ufffd", "x" * 3000,
]  # fmt: skip
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


def mutated_xml(raw: bytes, random: Random) -> bytes:
    root = fromstring(raw)
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        random.choice(CHANGES)(root, random)
    content = tostring(root)
    return _mutated_text(content, random) if random.random() < 0.1 else content


def _mutated_text(content: bytes, random: Random) -> bytes:
    at = random.randrange(len(content))
    return random.choice(
        (
            content[:at],
            ENTITIES.encode() + content,
            content[:at] + b"&b;" + content[at:],
            content[:at] + bytes([random.randrange(256)]) + content[at + 1 :],
            b"\xef\xbb\xbf" + content,
            b'<?xml version="1.0" encoding="utf-7"?>' + content,
            content.decode().encode("utf-16"),
        )
    )


def _parent_and_child(root: Element, random: Random) -> tuple[Element, Element]:
    parent = random.choice([each for each in root.iter() if len(each)])
    return parent, random.choice(list(parent))


def _delete(root: Element, random: Random) -> None:
    parent, child = _parent_and_child(root, random)
    if len(root) > 1 or parent is not root:
        parent.remove(child)


def _duplicate(root: Element, random: Random) -> None:
    parent, child = _parent_and_child(root, random)
    parent.insert(random.randrange(len(parent) + 1), copy.deepcopy(child))


def _move(root: Element, random: Random) -> None:
    _, child = _parent_and_child(root, random)
    target = random.choice(list(root.iter()))
    target.append(copy.deepcopy(child))


def _text(root: Element, random: Random) -> None:
    leaves = [each for each in root.iter() if each.text and each.text.strip()]
    if leaves:
        random.choice(leaves).text = random.choice(HOSTILE_TEXT)


def _attribute(root: Element, random: Random) -> None:
    bearing = [each for each in root.iter() if each.attrib]
    if bearing:
        element = random.choice(bearing)
        key = random.choice(sorted(element.attrib))
        if random.random() < 0.3:
            del element.attrib[key]
        else:
            others = [each.attrib[key] for each in bearing if key in each.attrib]
            element.attrib[key] = random.choice([*HOSTILE_TEXT, *others])


def _rename(root: Element, random: Random) -> None:
    elements = list(root.iter())
    random.choice(elements).tag = random.choice(elements).tag


CHANGES = [_delete, _delete, _duplicate, _move, _text, _text, _text, _attribute, _attribute, _rename]
