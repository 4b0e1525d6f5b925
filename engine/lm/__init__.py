"""The language model of FoleyGen (arXiv 2309.10537): one decoder-only Transformer over delayed EnCodec tokens."""
