"""Creates controllers and dialogs for the parts of a window, and binds the action handlers."""
