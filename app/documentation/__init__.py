"""The window of the documentation: a search, the list of pages, and a page."""
