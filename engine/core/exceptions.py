"""Conversion of unexpected exceptions to diagnostics: out of memory, or a bug in Layerloom."""

from __future__ import annotations

from engine.core.diagnostic import Diagnostic, DiagnosticError, set_recipe_fix

# Prefix of the exception note (PEP 678) by which a network says in which node an error occurred.
NODE_NOTE_PREFIX = "node "
_OUT_OF_MEMORY_TEXTS = (
    "can't allocate memory", "cannot allocate memory", "not enough memory", "out of memory",
    "failed to map segment",  # of a library that is imported
)  # fmt: skip
_NOT_DETERMINISTIC_TEXT = "does not have a deterministic implementation"


def diagnostic_from_exception(error: BaseException) -> Diagnostic:
    """Return the diagnostic for an exception; for a DiagnosticError, the first error in it.

    Why: some allocators raise a plain RuntimeError if memory is exhausted; only the text
    distinguishes such a RuntimeError from one that is caused by a bug.
    """
    if isinstance(error, DiagnosticError):
        return next(diagnostic for diagnostic in error.diagnostics if diagnostic.is_error)
    text = " ".join(str(error).split())
    is_memory_error = any(words in text.lower() for words in _OUT_OF_MEMORY_TEXTS)
    if isinstance(error, MemoryError) or is_memory_error:
        return Diagnostic.error(
            "out-of-memory",
            "there is not enough memory",
            "Halve the batch size and set accumulate to 2, which gives the same training.",
            "Close other programs, or use a smaller network.",
            found=text[:200] or "no memory left",
            expected="memory for weights, gradients and one batch",
        )
    if _NOT_DETERMINISTIC_TEXT in text:
        return Diagnostic.error(
            "not-deterministic",
            "torch has no deterministic algorithm for this computation on this device",
            set_recipe_fix("Set deterministic to false.", deterministic=False),
            "Train on the CPU.",
            node=_node(error),
            found=text.partition(_NOT_DETERMINISTIC_TEXT)[0].strip(),
            expected="deterministic algorithms only, as set in the recipe",
        )
    return Diagnostic.error(
        "internal",
        "an unexpected error occurred: a bug in Layerloom",
        "Report it, with the crash report and the graph file.",
        node=_node(error),
        found=f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__,
        expected="no exception",
    )


def _node(error: BaseException) -> str | None:
    notes: list[str] = getattr(error, "__notes__", [])
    node_notes = (note for note in notes if note.startswith(NODE_NOTE_PREFIX))
    return next((note.removeprefix(NODE_NOTE_PREFIX) for note in node_notes), None)
