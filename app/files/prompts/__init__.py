"""Questions to the user: file choices and message boxes."""
