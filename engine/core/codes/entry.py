"""The description of a diagnostic code, and the exit codes of the `engine` command."""

from dataclasses import dataclass
from enum import IntEnum
from functools import partial


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


# The descriptions of codes with another exit code.
checkpoint_code = partial(DiagnosticCode, exit=ExitCode.CHECKPOINT)
data_code = partial(DiagnosticCode, exit=ExitCode.DATA)
io_code = partial(DiagnosticCode, exit=ExitCode.IO)
memory_code = partial(DiagnosticCode, exit=ExitCode.MEMORY)
run_code = partial(DiagnosticCode, exit=ExitCode.RUN)
usage_code = partial(DiagnosticCode, exit=ExitCode.USAGE)
