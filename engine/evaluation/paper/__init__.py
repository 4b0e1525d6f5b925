"""FoleyGen's three tables (arXiv 2309.10537, section 5), as configurations and in miniature."""
