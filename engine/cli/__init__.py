"""The `engine` command: everything the window does, for terminals and scripts."""

from engine.cli.app import main

__all__ = ["main"]
