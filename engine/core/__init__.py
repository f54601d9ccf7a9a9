"""The words that everything else is written in: diagnostics, tensor specs, schemas."""
