"""The table view of the data panel."""
