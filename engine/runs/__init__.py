"""What a run leaves behind: its folder, and its events folded into what to show."""
