"""Expressions: one line of tensor arithmetic, with its grammar, its functions and shape rules."""
