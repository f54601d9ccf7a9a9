"""What the ports of a graph expect of columns, and typed access to their raw values."""
