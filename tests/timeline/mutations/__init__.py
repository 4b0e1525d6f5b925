"""Seeded mutations of timelines of every format, and a process that reads them and may die."""
