"""`foley data prepare`: films with sound to a sharded, checksummed set of what the language model learns from.

listing.py (which clips) -> run.py (what is left to do) -> processes.py or cluster.py (who does it) -> work.py
(one shard) -> film.py (one film) -> shard.py (its bytes). What a set says of itself is in manifest.py.
"""
