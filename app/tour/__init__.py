"""The tour: callouts beside the widgets of the window, one for each step."""
