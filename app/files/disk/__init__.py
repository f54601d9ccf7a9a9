"""Files on disk: their stamps, and changes by other programs."""
