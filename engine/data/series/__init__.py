"""Windows of time series: past rows as input, the rows that follow as target."""
