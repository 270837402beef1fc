"""Plain Python: what a batch, an item, a job and an entity are, and the rules they keep."""
