"""What a trained network gets right and wrong, and what it says of rows that are typed."""
