"""The timelines in a file's JSON, and which of them is meant."""

from __future__ import annotations

from foley_plugin.timeline.errors import SeveralTimelines, TimelineUnreadable
from foley_plugin.timeline.guards import Json, schema_name

NAMES_SHOWN = 8


def timelines_in(root: Json) -> list[Json]:
    """The timelines of a file: its root, or those of a collection."""
    if schema_name(root) == "Timeline":
        return [root]
    if schema_name(root) == "SerializableCollection":
        return [found for child in root.get("children", []) for found in timelines_in(child)]
    return []


def the_timeline(root: Json, file_name: str, wanted: str | None = None) -> Json:
    """The one timeline of a file, or the one that is wanted, by its name or its number from 1.

    Raises:
        SeveralTimelines: none is chosen of several.
        TimelineUnreadable: there is none, or no such one.
    """
    found = timelines_in(root)
    if not found:
        raise TimelineUnreadable(
            f"{file_name} holds a {schema_name(root)}, not a timeline; export the whole timeline as .otio."
        )
    if wanted is None:
        if len(found) == 1:
            return found[0]
        raise SeveralTimelines(
            f"{file_name} holds {len(found)} timelines, {_listed(found)}; choose one by --sequence NAME, "
            "or export the one that you want foley for by itself.",
            [_shown(each.get("name")) for each in found],
        )
    named = [timeline for timeline in found if str(timeline.get("name") or "") == wanted]
    if len(named) == 1:
        return named[0]
    if not named and wanted.isdecimal() and 1 <= int(wanted) <= len(found):
        return found[int(wanted) - 1]
    what = f"{len(named)} timelines called" if named else "no timeline"
    raise TimelineUnreadable(f"{file_name} holds {what} “{wanted}”; choose by number from {_listed(found)}.")


def brief(error: Exception) -> str:
    """An exception in a few words, for the middle of a sentence."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__


def _listed(timelines: list[Json]) -> str:
    names = [f"{number} “{_shown(each.get('name'))}”" for number, each in enumerate(timelines, 1)]
    rest = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _shown(name: object) -> str:
    return " ".join(str(name or "").split()).encode("utf-8", "replace").decode()[:60]
