"""The welcome page: templates, recent files, start from data."""
