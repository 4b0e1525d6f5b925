"""Rendered scenes: pictures drawn here, sounding by real recordings at exactly known hits."""
