"""Controllers: each connects a panel to the open documents and the run that it shows."""
