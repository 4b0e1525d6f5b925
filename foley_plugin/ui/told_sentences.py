"""The sentences that the layers below say most, clause by clause, so that they can be said in another language.

Those layers know no Qt and speak English. What is told here is found again by its shape: `{…}` is whatever stands
there within its clause.
A sentence that is not known, or only in part, stays English as a whole.
"""

from __future__ import annotations

import re
from functools import lru_cache

from PyQt6.QtCore import QCoreApplication

CONTEXT = "Told"
CLIP_REASONS = (
    "{clip} has no media",
    "{clip} names no media file",
    "{clip} is offline: your editor did not find {file}",
    "{clip} is offline: there is no file {file}",
    "{clip} is offline: there is no image of the sequence {file}",
    "{clip} is a generator, with no media to watch",
    "{clip} is a title or generator, with no media to watch",
    "{clip} plays {file}, a path of another operating system",
    "{clip} plays {file} from the network, which is not opened unasked",
    "{clip} plays {file}, which is not a file on this computer",
    "{clip} plays {file}, which is no readable video ({why})",
    "{clip} plays a range outside its media",
    "{clip} is being checked: its media is looked for",
    "{clip} is disabled in the cut",
    "{clip} is in the disabled nest “{nest}”",
    "{clip} is on the disabled track {track}",
    "{clip} is on a disabled track of the nest “{nest}”",
    "{clip} is a still picture",
    "{clip} may be any of {files}, which fit equally well",
)
REMEDIES = (
    "relink it in your editor, or look for its media in a folder (“Find media…”)",
    "bring it back, or relink it in your editor, or look for its media in a folder (“Find media…”)",
    "download it, then relink it in your editor, or look for its media in a folder (“Find media…”)",
    "say where the share is mounted, or relink it in your editor, or look for its media in a folder (“Find media…”)",
    "allow it, or relink it in your editor, or look for its media in a folder (“Find media…”)",
    "check its in-point or relink it in your editor",
    "change that in your editor and export again",
    "nothing moves in it",
    "say which",
    "close it there",
    "close it elsewhere first",
    "choose another",
    "give a project folder",
    "give another file",
    "check that its disk is there and not full",
    "open it again and export then",
    "check the path",
    "export the cut again",
    "export the cut as .otio",
    "it is broken: export the cut again from your editor",
    "swap the two",
    "select a longer one",
    "choose a longer one",
    "slip it less, or generate it anew",
    "choose a part to redo, or vary it",
    "choose at least 20 ms within the clip and its handles",
    "generate it anew first",
    "generate it anew to cast it",
    "bring it back, or generate it anew",
    "vary the take, or generate anew",
    "generate for more of them",
    "choose a folder that `foley train pack` wrote",
    "copy the whole folder again",
    "give a folder that `foley train pack` wrote, or {names}",
)
TROUBLES = (
    "The project {folder} is in use by {user} on {host} since {since} (process {number})",
    "The project folder {folder} cannot be made ({why})",
    "The project folder {folder} cannot be written ({why})",
    "The project {folder} is open for reading only",
    "The project {folder} could not be written ({why})",
    "Neither {folder} nor {home} can be written",
    "The settings could not be saved in {folder} ({why})",
    "{file} is there already and is not overwritten",
    "{file} has changed since it was read",
    "There is no timeline file at {file}",
    "The timeline {file} cannot be opened ({why})",
    "{file} is empty",
    "{file} is not an OpenTimelineIO timeline",
    "{file} cannot be read by OpenTimelineIO ({why})",
    "{file} made the timeline reader crash (exit status {number})",
    "{file} names no frame rate; {rate} frames a second are assumed, since its highest frame number is {number}. "
    "Give another in File > Frame rate of the EDL",
    "The range ends at {end}, before it begins at {start}",
    "{time} lies outside the timeline, which runs from {first} to {last}",
    "The selected range holds no picture",
    "{take} cannot be slipped by {by}: its handles reach from {first} to {last}",
    "{take} covers the clip already, its handles included",
    "No part of {take} lies there",
    "The take {take} was made by an earlier version, which kept no tokens",
    "The WAV of the take {take} is not there",
    "“{clip}” was trimmed, slipped or split since {take} was made, and its recipe is for the picture as it was",
    "The WAV {take}, which this take is made from, is not in {folder}",
    "Every take of this job for “{clip}” is there already",
    "A cast needs a name, such as “Anna, boots, gravel”",
    "A take of less than a second is too short to cast",
    "There is no model {folder}",
    "{folder} is no model: it has no {file} that can be read",
    "{folder} is no model: its {file} describes none",
    "The model in {folder} lacks its file {file}",
)
FINDINGS = (
    "{clip} is offline: there is no {file}, and one missing file makes the whole import fail",
    "{clip} is offline: there is no {file}",
    "{clip} cannot come in: a script's import fails on it",
    "{clip} names its media by a file URL, which the import refuses",
    "{clip} names its media by the relative path {file}, which the import does not find",
    "{clip} plays {file}, and a {sign} in a path makes the whole import fail",
    "{clip} plays {file}, which cannot be looked up on this computer",
    "{clip} is called “{name}” without its file's {ending}, by which the import finds media",
    "{clip} has a name missing without its file's {ending}, by which the import finds media",
    "{clip} begins {seconds} s before its media's first frame, which makes the whole import fail",
    "{clip} begins {seconds} s before its media's first frame",
    "{clip} plays {seconds} s past its media's end",
    "{clip} is the only clip of link group {number}",
    "{clip} is off by 1 to 9 frames after the import",
    "{clip} plays the wrong frames after the import",
    "{clip} may lose its speed ramp in the import",
    "{clip} comes in with a shifted start",
    "{clip} may come in at another length, since programs disagree on what a retimed range means",
    "{clip} comes in without its speed ramp",
    "{clip} comes in without its effects",
    "{clip} comes without its effects",
    "{clip} may be fused with another clip and muted by its LinkID",
    "{clip} plays on instead of holding its frame",
    "{clip} is cut into clips of one speed each",
    "{clip} is cut into clips that play at normal speed",
    "{clip} is left out, and its place stays empty",
    "{clip} is left out, since it is disabled and AAF cannot say so",
    "{clip} comes in as picture and sound apart, not linked",
    "The nest “{name}” on {track} is laid out as the clips in it",
    "The transition “{name}” on {track} becomes a cut",
    "The timeline has times written without a decimal point, which the import does not read",
    "The OTIO import of Premiere Pro is unproven here; Final Cut Pro 7 XML is the steadier way into it",
    "The AAF is read back by two readers in the tests, and was not opened in Pro Tools or Media Composer",
    "The take {take} is missing or unreadable",
    "The take {take} is shorter than its place asks for",
    "The take {take} has {count} channels where its track expects {wanted}",
)
FINDINGS_REMEDIES = (
    "Take it out of the cut, or leave it out of the written copy",
    "Render the retimed clip in your editor and use the file, or set its speed again after the import",
    "Link the clips again after the import",
    "Bring only the foley tracks into your own timeline, or put it back after the import",
    "Name it by its plain path",
    "Name it by its absolute path",
    "Rename the file or its folder and relink the clip",
    "Check that the file is there where you import",
    "Bring the file back or relink it, or leave the clip out of the written copy",
    "Bring the file back, or relink it after the import",
    "Call it {name}",
    "Cut its in-point to the media",
    "Cut its out-point to the media",
    "Take it out of the group, or put the clip that it was linked to back",
    "Write them as 24.0",
    "Keep your own compound clip, and bring in only the foley tracks",
    "Put it back after the import",
    "Check the first import by eye and ear",
    "Bring it back or generate it anew, or leave it out",
    "Cut its range to the file",
    "Lay it on a track of {count}",
)
CLAUSES = (*CLIP_REASONS, *REMEDIES, *TROUBLES, *FINDINGS, *FINDINGS_REMEDIES)

_HOLE = re.compile(r"\{(\w+)\}")
_PLACED = re.compile(r"Clip (“.*?” \([^()]*\))")


@lru_cache(maxsize=2000)
def said_here(sentence: str) -> str:
    """The sentence in the language that the window speaks; as it is where it is not known."""
    body = sentence.removesuffix(".")
    clauses = [body] if _known(body) else body.split("; ")
    said = [_said(clause) for clause in clauses]
    if not sentence or any(
        each is None or each == clause for each, clause in zip(said, clauses, strict=True)
    ):
        return sentence
    return ". ".join(each for each in said if each is not None) + "."


def _said(clause: str) -> str | None:
    found = _known(clause)
    if found is None:
        return None
    template, holes = found
    translated = QCoreApplication.translate(CONTEXT, template)
    if translated == template:
        return clause
    clip = QCoreApplication.translate("Told", "Clip {}")
    return translated.format(
        **{name: _PLACED.sub(lambda at: clip.format(at[1]), words) for name, words in holes.items()}
    )


@lru_cache(maxsize=2000)
def _known(clause: str) -> tuple[str, dict[str, str]] | None:
    """The first template that a clause fits, and what stands in its holes."""
    for template, pattern in _patterns():
        match = pattern.fullmatch(clause)
        if match is not None:
            return template, match.groupdict()
    return None


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Fuller templates first, so that a general one does not swallow what a closer one tells apart."""
    by_length = sorted(CLAUSES, key=lambda template: -len(_HOLE.sub("", template)))
    return [(template, _pattern(template)) for template in by_length]


def _pattern(template: str) -> re.Pattern[str]:
    pieces = _HOLE.split(template)
    shapes = [
        re.escape(piece) if number % 2 == 0 else f"(?P<{piece}>(?:(?!; ).)+?)"
        for number, piece in enumerate(pieces)
    ]
    return re.compile("".join(shapes))
