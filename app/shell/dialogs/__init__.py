"""The dialogs that actions open: start, shortcuts and About. No dialog blocks."""
