"""Tables, splits and the audit of every row before step 0. numpy and pyarrow, no torch."""
