"""The find bar, to search nodes by name, layer type, field value or diagnostics, and notes."""
