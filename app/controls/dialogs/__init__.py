"""File dialogs, the data file dialog, and menus."""
