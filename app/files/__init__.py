"""Opening, saving, recovering and starting documents."""
