"""What a user is, and what the parts around need from each other; plain Python."""
