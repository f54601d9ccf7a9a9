"""A run as one page that stands alone: curves, picture and tables, with nothing from elsewhere."""
