"""File dialogs, menus and other dialogs."""
