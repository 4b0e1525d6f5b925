"""Readers of every timeline format."""
