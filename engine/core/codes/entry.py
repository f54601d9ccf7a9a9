"""One entry of the catalogue of diagnostic codes."""

from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the `engine` command; 1 is never used for a mistake of the person's."""

    OK = 0
    USAGE = 2
    GRAPH = 65
    DATA = 66
    MEMORY = 69
    INTERNAL = 70
    RUN = 73
    IO = 74
    BUSY = 75
    CHECKPOINT = 76
    PERMISSION = 77
    DIVERGED = 78
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass(frozen=True, slots=True)
class Code:
    """What a diagnostic code means, for `engine explain` and the window's help.

    Args:
        title: the problem in a few words.
        meaning: why it matters and what decides it, in one to four sentences.
        example: the smallest case that shows it, and the way out.
        exit: the exit code of a command that this finding stops.
        fix: what to do about it; it stands in `fixes`, and is put in by the catalogue.
    """

    title: str
    meaning: str
    example: str
    exit: Exit = Exit.GRAPH
    fix: str = ""
