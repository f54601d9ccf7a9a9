"""The description of a diagnostic code, and the exit codes of the `engine` command."""

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the `engine` command. No code is 1, which Python returns after a traceback."""

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
class DiagnosticCode:
    """The description of a diagnostic code, for `engine explain` and the window's help.

    Args:
        title: the problem in a few words.
        meaning: cause and effect of the problem, in one to four sentences.
        example: a minimal example, with its solution.
        fix: general advice, without the values of a particular diagnostic.
        exit: the exit code of a command that fails with this diagnostic.
    """

    title: str
    meaning: str
    example: str
    fix: str
    exit: ExitCode = ExitCode.GRAPH


def data_code(title: str, meaning: str, example: str, fix: str) -> DiagnosticCode:
    """Return the description of a diagnostic code about data, with the exit code `DATA`."""
    return DiagnosticCode(title, meaning, example, fix, ExitCode.DATA)
