"""The documentation: pages made from schemas, diagnostic codes, guides and the README."""
