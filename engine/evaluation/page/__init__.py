"""The report as one HTML page that opens from the disk: figures, players, spectrograms.

Style, script and spectrograms stand in the page itself; beside it lie only the films with each system's
sound. Whatever came from a user (names, labels, sentences) is escaped.
"""
