"""From a deployment file to resolved values; see `resolve.py`."""
