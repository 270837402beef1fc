"""The import of 10,000 users, made, run and checked to the item."""
