"""Readers of every timeline format, one file each: bytes in, OpenTimelineIO JSON out.

A reader gives the JSON that an .otio of the same cut would hold, so that the walk, the selection and the
write-back need not know where a cut came from.
"""
