"""Open documents: their project, report, selection, table, and jobs in the background."""
