"""What the use cases need from outside: storage and password hashing."""
