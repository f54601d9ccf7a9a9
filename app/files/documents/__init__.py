"""Opening, saving, closing and exporting documents."""
