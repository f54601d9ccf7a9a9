"""The data panel: the data table of the active document, and the assignment of columns."""
