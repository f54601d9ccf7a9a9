"""The `engine` command: everything the window does, for terminals and scripts."""

from engine.core.fast_import import no_garbage

with no_garbage():
    from engine.cli.app import main

__all__ = ["main"]
