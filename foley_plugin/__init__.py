"""The foley panel and command line over OpenTimelineIO. Imports no torch."""
