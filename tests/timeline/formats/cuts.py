"""Timelines of every format that the tests write themselves, in a few words."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from tests.timeline.building import clip, time, time_range, timeline, track

FCPXML_RESOURCES = """
    <format id="r1" name="FFVideoFormat1080p2398" frameDuration="1001/24000s" width="1920" height="1080"/>
    <format id="r2" name="FFVideoFormat1080p25" frameDuration="100/2500s"/>
    <format id="r3" frameDuration="1001/30000s"/>
    <asset id="a1" name="walk" start="86486400/24000s" duration="240240/24000s" format="r1" hasVideo="1">
      <media-rep kind="original-media" src="file:///media/walk%20one.mov"/>
    </asset>
    <asset id="a2" name="pal" src="file:///media/pal.mov" start="0s" duration="20s" format="r2" hasVideo="1"/>
    <asset id="a3" name="door" src="file:///media/door.wav" start="0s" duration="5s" hasAudio="1"/>
"""


def fcpxml(
    spine: str,
    *,
    resources: str = "",
    sequence: str = 'format="r1" tcStart="0s" tcFormat="NDF"',
    name: str = "Reel 1",
) -> str:
    """A project whose primary storyline is `spine`."""
    project = f'<project name="{name}"><sequence {sequence}><spine>{spine}</spine></sequence></project>'
    return fcpxml_of(project, resources=resources)


def fcpxml_of(projects: str, *, resources: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.11">\n'
        f"<resources>{FCPXML_RESOURCES}{resources}</resources>\n"
        f'<library><event name="Day 1">{projects}</event></library></fcpxml>'
    )


def xmeml_file(
    number: int, *, frames: int = 500, first: int = 86400, url: str = "file://localhost/m/a.mov"
) -> str:
    return f"""<file id="file-{number}"><name>a.mov</name><pathurl>{url}</pathurl>{NTSC_24}
      <duration>{frames}</duration><timecode>{NTSC_24}<string>01:00:00:00</string><frame>{first}</frame>
      <displayformat>NDF</displayformat></timecode>
      <media><video/></media></file>"""


NTSC_24 = "<rate><timebase>24</timebase><ntsc>TRUE</ntsc></rate>"


def clipitem(
    name: str,
    start: int,
    end: int,
    first: int,
    *,
    file: str = '<file id="file-1"/>',
    more: str = "",
    id: str = "",
) -> str:
    identity = f' id="{id}"' if id else ""
    return f"""<clipitem{identity}><name>{name}</name><enabled>TRUE</enabled>{NTSC_24}<start>{start}</start>
      <end>{end}</end><in>{first}</in><out>{first + end - start}</out>{file}{more}</clipitem>"""


def xmeml(*video_tracks: str, name: str = "Reel 1", timecode: str = "", more: str = "") -> str:
    tracks = "".join(f"<track>{track}</track>" for track in video_tracks)
    return xmeml_of(
        f'<sequence id="sequence-1"><name>{name}</name>{NTSC_24}{timecode}'
        f"<media><video>{tracks}</video></media></sequence>{more}"
    )


def xmeml_of(content: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="4">{content}</xmeml>'


def time_remap(**parameters: str) -> str:
    rows = "".join(
        f"<parameter><parameterid>{name}</parameterid><name>{name}</name>{value}</parameter>"
        for name, value in parameters.items()
    )
    return (
        "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid><effecttype>motion</effecttype>"
        f"{rows}</effect></filter>"
    )


EDL = """TITLE: REEL 1
FCM: NON-DROP FRAME

001  A001     V     C        01:00:00:00 01:00:02:00 10:00:00:00 10:00:02:00
* FROM CLIP NAME: walk.mov
002  A002     V     C        02:00:00:00 02:00:02:00 10:00:03:00 10:00:05:00
* FROM CLIP NAME: door.mov
"""


def bundled_cut(url: str = "media/a.mov") -> dict[str, Any]:
    shot = clip("a.mov", time_range(0, 24, 24.0), url=url, available=time_range(0, 48, 24.0))
    return timeline(track(shot, name="V1"), start=time(86400, 24.0))


def zipped(path: Path, members: dict[str, bytes], *, compress: bool = True) -> Path:
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def otioz(path: Path, root: Any, media: dict[str, bytes]) -> Path:
    content = json.dumps(root).encode()
    return zipped(path, {"content.otio": content, "version.txt": b"1.0.0", **media})


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
