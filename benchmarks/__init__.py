"""How fast the batch service is, against other ways to send the same items to the same target in the same run."""
