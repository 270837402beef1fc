"""The users service: the REST API that the batch service was built for, on a database of its own."""
