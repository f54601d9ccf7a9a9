"""File dialogs, menus, and the choice of a data file."""
