"""The dialogs that actions open: start, export, shortcuts and About. All are non-blocking."""
