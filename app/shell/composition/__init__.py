"""Creates the controllers and dialogs of a window, and connects actions to their handlers."""
