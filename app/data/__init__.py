"""The data panel: the table of the document in front, and which columns feed which ports."""
