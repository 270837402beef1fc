"""Python's garbage collector, told how these processes live: see gc.freeze and gc.set_threshold in its documentation."""

import gc

_NEW_OBJECTS = 50_000


def collect_seldom() -> None:
    """Call when a process has started: what there is now stays for good, and new objects are looked through seldom.

    A batch is thousands of objects without a cycle among them, freed as soon as nobody refers to them. The collector would look
    through them every few hundred, and find nothing.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)
