"""Training by several processes (ranks), whose sums equal those of one process."""
