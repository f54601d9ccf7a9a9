"""Opening, saving, exporting and recovering documents, and the welcome page."""
