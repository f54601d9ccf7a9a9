"""The dialog for training on a cluster: job files, to copy."""
