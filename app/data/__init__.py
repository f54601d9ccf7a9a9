"""The data panel: the table of the active document and the assignment of its columns."""
