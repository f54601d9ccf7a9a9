"""Native kernels: source, build, bindings, self-test."""
