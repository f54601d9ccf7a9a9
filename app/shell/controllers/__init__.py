"""Controllers, each of which connects a part of the window to the documents and to runs."""
