"""Project files: reading of strict JSON with positions of errors, decoding, encoding, migration."""
