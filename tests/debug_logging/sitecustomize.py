"""What a Python that has this folder in its PYTHONPATH does first: it logs, to standard error, all that anyone would log."""

import logging

logging.basicConfig(level=logging.DEBUG, format="%(levelname)s %(name)s: %(message)s")
logging.getLogger("sqlalchemy").setLevel(logging.DEBUG)  # it is silent below a warning otherwise: statements, and rows
