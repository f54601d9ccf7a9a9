"""What the forked processes do. Each function is a program; its answer is the exit code."""

from __future__ import annotations

from engine.cli import main


def engine(*words: str) -> None:
    """Run the `engine` command."""
    main(list(words))
