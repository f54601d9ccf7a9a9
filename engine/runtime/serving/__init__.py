"""The prediction server, which reads rows and writes predictions as lines of JSON."""
