"""What both services need and neither owns; it knows no word of either domain."""
