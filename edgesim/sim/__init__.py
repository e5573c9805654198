"""Virtual time: the same lifecycle, driven from a heap of moments."""
