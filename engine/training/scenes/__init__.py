"""Rendered scenes: pictures that the project draws itself, sounding by real recordings at exactly known hits."""
