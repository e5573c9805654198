"""`edgesim bench`: a load tester that knows about caches."""
