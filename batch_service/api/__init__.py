"""HTTP in: views that parse, call one use case and shape its answer."""
