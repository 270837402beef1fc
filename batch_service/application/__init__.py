"""Use cases: what the service does, one a file, on ports that adapters implement."""
