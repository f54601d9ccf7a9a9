"""Project files: strict JSON with positions, decoding, encoding, migration."""
