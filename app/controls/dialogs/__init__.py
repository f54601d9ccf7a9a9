"""File dialogs and menus."""
