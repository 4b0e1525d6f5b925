"""Prints of single events: how near what was drawn comes to what was learned from."""
