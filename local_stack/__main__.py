"""`python -m local_stack`."""

import click

from local_stack.demo.command import demo
from local_stack.demo.users_csv import users_csv
from local_stack.run import run


@click.group()
def main() -> None:
    """Both services and the worker on this machine."""


main.add_command(run)
main.add_command(demo)
main.add_command(users_csv)

if __name__ == "__main__":
    main()
