"""Edge functions and caching in pytest: a CDN in virtual time, or a live one on a free port."""
