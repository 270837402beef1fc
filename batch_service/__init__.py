"""The batch service: runs batches of calls against the endpoints of any REST API."""
