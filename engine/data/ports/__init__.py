"""What the ports of a graph expect of columns, and access to the columns of a port."""
