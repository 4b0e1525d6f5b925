"""Checks on parsed JSON before OpenTimelineIO may see it.

OpenTimelineIO 0.18.1 takes the process down on `tracks: null`, on a stack that contains itself and on
very deep nesting, so those are refused here, in plain Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from foley_plugin.timeline.errors import TimelineTooLarge, TimelineUnreadable, UnsupportedSchema

Json = dict[str, Any]

MAX_NESTING = 64
"""Compositions inside compositions; editors stop at a handful."""
MAX_JSON_DEPTH = 400

COMPOSITIONS = ("Stack", "Track", "Sequence", "SerializableCollection")


def schema_name(node: object) -> str | None:
    """ "Clip" of a `Clip.2` object, None of anything else."""
    schema = node.get("OTIO_SCHEMA") if isinstance(node, dict) else None
    return schema.partition(".")[0] if isinstance(schema, str) else None


def check_structure(root: Json, file_name: str) -> None:
    """Refuse what would take OpenTimelineIO down: null tracks or children, cycles, deep nesting."""
    for node, depth, nesting, name in _nodes(root):
        if depth > MAX_JSON_DEPTH or nesting > MAX_NESTING:
            raise TimelineTooLarge(too_deep(file_name))
        kind = schema_name(node)
        if kind == "Timeline" and not isinstance(node.get("tracks"), dict):
            raise TimelineUnreadable(
                f"{file_name} holds a timeline without tracks; export the cut again from your editor."
            )
        if kind in COMPOSITIONS:
            children = node.get("children", [])
            if not isinstance(children, list) or not all(_is_object(child) for child in children):
                raise TimelineUnreadable(
                    f"{file_name} is broken: “{name}” holds something that is no clip, gap, transition "
                    "or nest; export the cut again."
                )
    _check_cycles(root, file_name)


def check_schemas(root: Json, known: Mapping[str, int], file_name: str) -> None:
    """Refuse schema versions newer than the installed OpenTimelineIO's, naming them.

    Args:
        known: newest version of each schema.

    Raises:
        UnsupportedSchema.
    """
    newer: set[str] = set()
    for node, _, _, name in _nodes(root):
        schema = node.get("OTIO_SCHEMA")
        if schema is None:
            continue
        kind, _, version = str(schema).partition(".")
        if not version.isdigit():
            raise UnsupportedSchema(
                f"{file_name} is broken: “{name}” has the malformed schema “{_shown(schema)}”; "
                "export the cut again."
            )
        if kind in known and int(version[:9]) > known[kind]:
            newer.add(_shown(schema))
    if newer:
        first, *others = sorted(newer)
        kind = first.partition(".")[0]
        also = f" (also {', '.join(others[:5])})" if others else ""
        raise UnsupportedSchema(
            f"{file_name} uses the schema {first}{also}, which is newer than the {kind}.{known[kind]} of the "
            "installed OpenTimelineIO; export the cut with an older OTIO version, or update this program."
        )


def check_known(root: Json, known: Mapping[str, int], file_name: str) -> None:
    """Refuse a file that OpenTimelineIO refused, naming the schemas that it does not know, if any.

    Unknown schemas do no harm in metadata; among clips and effects they do.

    Raises:
        UnsupportedSchema.
    """
    schemas = {_shown(node["OTIO_SCHEMA"]) for node, _, _, _ in _nodes(root) if "OTIO_SCHEMA" in node}
    plain = {"RationalTime", "TimeRange", "TimeTransform", "Box2d", "V2d", "SerializableObjectRef"}
    unknown = sorted(name for name in schemas if name.partition(".")[0] not in {*known, *plain})
    if unknown:
        raise UnsupportedSchema(
            f"{file_name} uses {', '.join(unknown[:6])}, which the installed OpenTimelineIO does not know; "
            "export the cut as plain OpenTimelineIO 0.18."
        )


def _is_object(child: object) -> bool:
    return schema_name(child) is not None


def _nodes(root: Json) -> Iterator[tuple[Json, int, int, str]]:
    """Every JSON object with its depth, its nesting in compositions and the nearest name."""
    pending: list[tuple[Any, int, int, str]] = [(root, 1, 0, "")]
    while pending:
        node, depth, nesting, name = pending.pop()
        if isinstance(node, dict):
            own_name = node.get("name")
            if isinstance(own_name, str) and own_name:
                name = _shown(own_name)
            yield node, depth, nesting, name
            inner = nesting + ("children" in node and schema_name(node) is not None)
            pending += ((each, depth + 1, inner, name) for each in node.values() if _is_deep(each))
        else:
            if depth > MAX_JSON_DEPTH:
                yield {}, depth, nesting, name
            pending += ((each, depth + 1, nesting, name) for each in node if _is_deep(each))


def _is_deep(value: object) -> bool:
    return isinstance(value, (dict, list))


def _check_cycles(root: Json, file_name: str) -> None:
    """`SerializableObjectRef` points to an `OTIO_REF_ID` elsewhere in the file; it must not come round."""
    targets: dict[str, Json] = {}
    has_references = False
    for node, _, _, _ in _nodes(root):
        if "OTIO_REF_ID" in node:
            targets[str(node["OTIO_REF_ID"])] = node
        has_references |= schema_name(node) == "SerializableObjectRef"
    if not has_references:
        return
    edges = {name: _references_in(node) for name, node in targets.items()}
    finished: set[str] = set()
    for start in edges:
        if _comes_round(start, edges, finished):
            raise TimelineUnreadable(
                f"{file_name} is broken: something in it contains itself; export the cut again."
            )


def _references_in(node: Json) -> list[str]:
    inside = (each for each, _, _, _ in _nodes(node))
    return [str(each.get("id")) for each in inside if schema_name(each) == "SerializableObjectRef"]


def _comes_round(start: str, edges: Mapping[str, list[str]], finished: set[str]) -> bool:
    path: list[tuple[str, Iterator[str]]] = [(start, iter(edges[start]))]
    open_names = {start}
    while path:
        name, following = path[-1]
        step = next(following, None)
        if step is None:
            finished.add(name)
            open_names.discard(name)
            path.pop()
        elif step in open_names:
            return True
        elif step in edges and step not in finished:
            open_names.add(step)
            path.append((step, iter(edges[step])))
    return False


def too_deep(file_name: str) -> str:
    return (
        f"{file_name} is nested more than {MAX_NESTING} deep, which no real cut is; "
        "decompose its compound clips and export again."
    )


def _shown(text: object) -> str:
    return str(text).encode("utf-8", "replace").decode()[:80]
