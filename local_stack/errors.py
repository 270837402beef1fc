"""Why a stack cannot run."""


class StackError(Exception):
    """The stack cannot start or go on; the text says what to do."""
