"""A shared HTTP cache as RFC 9111 has it, and nothing of CloudFront. Pure."""
