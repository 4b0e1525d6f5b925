"""Codecs: wave in, tokens out, and back."""
