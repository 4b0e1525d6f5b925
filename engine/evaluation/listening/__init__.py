"""`foley listen`: which of two sounds do people prefer? Blind pairs, as FoleyGen's human study (arXiv 2309.10537)."""
