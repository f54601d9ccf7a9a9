"""The pages of the data panel: ports, checks, split, weights."""
