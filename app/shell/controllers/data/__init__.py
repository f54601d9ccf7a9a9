"""Controllers of the data: requests for data, assigning columns, dropped files, data errors."""
