"""The dialogs that actions open: start, export, shortcuts and About. No dialog blocks."""
