"""The foley engine: FoleyGen (arXiv 2309.10537) with a spotter. Knows no Qt and no OpenTimelineIO."""
