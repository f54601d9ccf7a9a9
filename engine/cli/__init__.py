"""The `engine` command: everything that the window can do, for terminals and scripts."""

from engine.cli.app import main

__all__ = ["main"]
