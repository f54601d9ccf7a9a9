"""Rows of shards in the order of an epoch: shards for each process, shuffled in windows."""
