"""A DaVinci Resolve for its scripts: the objects and methods of its scripting README, and no others.

What the README says, and what is known of its traps, is kept strictly:

- frames of a timeline are absolute: the first one is `GetStartFrame()`;
- a sound file counts its frames at 24 a second, whatever the timeline's rate; `endFrame` is exclusive;
- an unknown key or track, a missing file, a frame before the timeline's start and a place that is taken are
  refused the way Resolve does it: nothing is returned, nothing is raised;
- a wrong type is a mistake of the script and raises.
"""

from __future__ import annotations

import json
import wave
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

WAV_RATE = 24
CLIP_KEYS = {"mediaPoolItem", "startFrame", "endFrame", "mediaType", "trackIndex", "recordFrame"}
AUDIO_TYPES = {"mono", "stereo", "5.1", "5.1film", "7.1", "7.1film"}
TRACK_OPTIONS = {"audioType", "index"}
IMPORT_OPTIONS = {"timelineName", "importSourceClips", "sourceClipsPath", "sourceClipsFolders"}


class MediaPoolItem:
    def __init__(self, path: str) -> None:
        self._path = path

    def GetName(self) -> str:
        return Path(self._path).name

    def GetClipProperty(self, propertyName: str | None = None) -> Any:
        properties = {"File Path": self._path, "Clip Name": self.GetName(), "FPS": str(WAV_RATE)}
        return properties if propertyName is None else properties.get(propertyName, "")


class Folder:
    def __init__(self, name: str) -> None:
        self._name = name
        self._clips: list[MediaPoolItem] = []
        self._folders: list[Folder] = []

    def GetName(self) -> str:
        return self._name

    def GetClipList(self) -> list[MediaPoolItem]:
        return list(self._clips)

    def GetSubFolderList(self) -> list[Folder]:
        return list(self._folders)


@dataclass(eq=False)
class TimelineItem:
    _media: MediaPoolItem
    _start: int
    _duration: int
    source_start_s: Fraction
    """For the test: where in the file it begins."""

    def GetStart(self, subframe_precision: bool = False) -> int:
        return self._start

    def GetDuration(self, subframe_precision: bool = False) -> int:
        return self._duration

    def GetEnd(self, subframe_precision: bool = False) -> int:
        return self._start + self._duration

    def GetName(self) -> str:
        return self._media.GetName()

    def GetMediaPoolItem(self) -> MediaPoolItem:
        return self._media


@dataclass(eq=False)
class AudioTrack:
    """For the test."""

    subtype: str
    name: str
    items: list[TimelineItem] = field(default_factory=list)


class Timeline:
    def __init__(self, name: str, rate: Fraction, start_frame: int, setting: str, document: Any) -> None:
        self._name, self._id = name, f"id-{name}"
        self._rate, self._start_frame, self._setting = rate, start_frame, setting
        self._document = document
        self.audio: list[AudioTrack] = [AudioTrack("stereo", "Audio 1")]
        self.refuses_export = False
        self.refuses_tracks = False
        self.is_before_19 = False

    def GetName(self) -> str:
        return self._name

    def GetUniqueId(self) -> str:
        return self._id

    def GetStartFrame(self) -> int:
        return self._start_frame

    def GetSetting(self, settingName: str = "") -> str:
        return self._setting if settingName == "timelineFrameRate" else ""

    def GetTrackCount(self, trackType: str) -> int:
        return {"audio": len(self.audio), "video": 1, "subtitle": 0}[trackType]

    def GetItemListInTrack(self, trackType: str, index: int) -> list[TimelineItem]:
        assert trackType == "audio"
        return list(self.audio[index - 1].items)

    def AddTrack(self, trackType: str, newTrackOptions: dict[str, Any] | str | None = None) -> bool:
        if isinstance(newTrackOptions, dict) and self.is_before_19:
            return False
        options = (
            {"audioType": newTrackOptions} if isinstance(newTrackOptions, str) else newTrackOptions or {}
        )
        assert trackType == "audio" and isinstance(options, dict) and set(options) <= TRACK_OPTIONS
        if self.refuses_tracks or options.get("audioType", "mono") not in AUDIO_TYPES:
            return False
        self.audio.append(AudioTrack(options.get("audioType", "mono"), f"Audio {len(self.audio) + 1}"))
        return True

    def DeleteTrack(self, trackType: str, trackIndex: int) -> bool:
        assert trackType == "audio"
        del self.audio[trackIndex - 1]
        return True

    def SetTrackName(self, trackType: str, trackIndex: int, name: str) -> bool:
        assert trackType == "audio" and 1 <= trackIndex <= len(self.audio)
        self.audio[trackIndex - 1].name = name
        return True

    def Export(self, fileName: str, exportType: str, exportSubtype: str = "") -> bool:
        assert exportType == Resolve.EXPORT_OTIO, "the only one whose subtype may be left out here"
        if self.refuses_export:
            return False
        Path(fileName).write_text(json.dumps(self._document), encoding="utf-8")
        return True


class MediaPool:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._root = Folder("Master")
        self._current = self._root
        self.imported: list[tuple[str, dict[str, Any]]] = []
        self.refuses_clips = False

    def GetRootFolder(self) -> Folder:
        return self._root

    def GetCurrentFolder(self) -> Folder:
        return self._current

    def SetCurrentFolder(self, folder: Folder) -> bool:
        self._current = folder
        return True

    def AddSubFolder(self, folder: Folder, name: str) -> Folder:
        new = Folder(name)
        folder._folders.append(new)
        return new

    def ImportMedia(self, paths: list[str]) -> list[MediaPoolItem]:
        assert isinstance(paths, list) and all(isinstance(path, str) for path in paths)
        new = [MediaPoolItem(path) for path in paths if Path(path).is_file()]
        self._current._clips += new
        return new

    def AppendToTimeline(self, clipInfos: list[dict[str, Any]]) -> list[TimelineItem]:
        assert isinstance(clipInfos, list)
        timeline = self._project.GetCurrentTimeline()
        laid = [self._append(timeline, info) for info in clipInfos]
        return [item for item in laid if item is not None]

    def ImportTimelineFromFile(self, filePath: str, importOptions: dict[str, Any]) -> Timeline | None:
        assert set(importOptions) <= IMPORT_OPTIONS
        if not Path(filePath).is_file():
            return None
        document = json.loads(Path(filePath).read_text(encoding="utf-8"))
        clips = [
            c for t in document["tracks"]["children"] for c in t["children"] if "Clip" in c["OTIO_SCHEMA"]
        ]
        urls = [clip["media_references"]["DEFAULT_MEDIA"].get("target_url", "") for clip in clips]
        if not all(Path(url).is_file() for url in urls):
            return None
        self.imported.append((filePath, importOptions))
        current = self._project.GetCurrentTimeline()
        timeline = Timeline(importOptions["timelineName"], current._rate, 0, current._setting, document)
        self._project.timelines.append(timeline)
        return timeline

    def _append(self, timeline: Timeline, info: dict[str, Any]) -> TimelineItem | None:
        assert set(info) <= CLIP_KEYS, f"unknown keys: {set(info) - CLIP_KEYS}"
        assert all(isinstance(info[key], int) for key in CLIP_KEYS - {"mediaPoolItem"})
        media, first, end = info["mediaPoolItem"], info["startFrame"], info["endFrame"]
        if self.refuses_clips or not 1 <= info["trackIndex"] <= len(timeline.audio):
            return None
        with wave.open(media.GetClipProperty("File Path")) as file:
            whole = int(Fraction(file.getnframes(), file.getframerate()) * WAV_RATE)
        if not 0 <= first < end <= whole or info["recordFrame"] < timeline.GetStartFrame():
            return None
        duration = int(Fraction(end - first, WAV_RATE) * timeline._rate + Fraction(1, 2))
        track = timeline.audio[info["trackIndex"] - 1]
        start = info["recordFrame"]
        if any(item.GetStart() < start + duration and start < item.GetEnd() for item in track.items):
            return None
        item = TimelineItem(media, start, duration, Fraction(first, WAV_RATE))
        track.items.append(item)
        return item


class Project:
    def __init__(self, name: str) -> None:
        self._name = name
        self.timelines: list[Timeline] = []
        self.current: Timeline | None = None
        self._pool = MediaPool(self)

    def GetName(self) -> str:
        return self._name

    def GetMediaPool(self) -> MediaPool:
        return self._pool

    def GetCurrentTimeline(self) -> Timeline:
        return self.current  # type: ignore[return-value]

    def GetTimelineCount(self) -> int:
        return len(self.timelines)

    def GetTimelineByIndex(self, idx: int) -> Timeline:
        return self.timelines[idx - 1]


class ProjectManager:
    def __init__(self, project: Project) -> None:
        self._project = project

    def GetCurrentProject(self) -> Project:
        return self._project


class Resolve:
    EXPORT_OTIO = "otio"

    def __init__(self, project: Project) -> None:
        self._manager = ProjectManager(project)

    def GetProjectManager(self) -> ProjectManager:
        return self._manager
