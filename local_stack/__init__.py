"""Both services and the worker on one machine; it knows them by their commands and by HTTP alone."""
