"""What an exception that nobody expected means: too little memory, or a defect of this program."""

from __future__ import annotations

from engine.core.diagnostic import Diagnostic, Fix, Refused

NODE = "node "  # begins the note that a network leaves on an exception
_NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")


def fault_of(error: BaseException) -> Diagnostic:
    """Return an exception as a finding.

    Why: allocators say that memory is out in a RuntimeError as well as in a class of their own, and
    only the text tells it from a defect.
    """
    if isinstance(error, Refused):
        return next(found for found in error.diagnostics if found.is_error)
    said = " ".join(str(error).split())
    if isinstance(error, MemoryError) or any(words in said.lower() for words in _NO_MEMORY):
        return _out_of_memory(said)
    return Diagnostic(
        "internal",
        "Layerloom itself made a mistake",
        node=_node(error),
        found=f"{type(error).__name__}: {said[:200]}" if said else type(error).__name__,
        expected="no exception",
        fixes=(Fix("Report it, with the crash report and the graph file."),),
    )


def _node(error: BaseException) -> str | None:
    notes = getattr(error, "__notes__", ())
    return next((note.removeprefix(NODE) for note in notes if note.startswith(NODE)), None)


def _out_of_memory(said: str) -> Diagnostic:
    return Diagnostic(
        "out-of-memory",
        "the memory does not suffice",
        found=said[:200] or "no memory left",
        expected="room for weights, gradients and one batch",
        fixes=(
            Fix("Halve the batch size, with accumulate 2 to train the same."),
            Fix("Close other programs, or use a smaller network."),
        ),
    )
