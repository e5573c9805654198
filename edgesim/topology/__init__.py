"""The network as data: where caches stand and what lies between them. Pure."""
