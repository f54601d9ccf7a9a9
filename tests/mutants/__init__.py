"""Planted mistakes: `python -m tests.mutants` checks that the tests notice each of them."""
