"""Batch endpoints that call their own framework's routes, inside one process: installed here, and run as a row wants."""
