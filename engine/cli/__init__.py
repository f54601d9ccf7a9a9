"""The `engine` command: everything that the window can do, for terminals and scripts."""

from engine.core.fast_import import without_gc

with without_gc():
    from engine.cli.app import main

__all__ = ["main"]
