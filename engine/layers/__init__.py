"""The layer catalogue, one file per family. A new file here is found without being named."""
