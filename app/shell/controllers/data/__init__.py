"""Controllers of the data: assigning columns, requests for data, dropped files, data errors."""
