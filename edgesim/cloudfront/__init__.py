"""What CloudFront is made of, and where it adds to the RFCs or departs from them. Pure."""
