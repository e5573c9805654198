"""A CDN edge on your own machine: CloudFront's cache and its four function triggers."""
