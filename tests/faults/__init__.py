"""What happens to accepted work when something breaks: `python -m tests.faults` breaks it and counts."""
