"""`batchctl completion`: what a shell must know."""

import click
from click.shell_completion import get_completion_class

from batch_client.commands.connection import SettingError

_SHELLS = {
    "bash": 'eval "$(batchctl completion bash)"      # in ~/.bashrc',
    "zsh": 'eval "$(batchctl completion zsh)"       # in ~/.zshrc, after compinit',
    "fish": "batchctl completion fish | source      # in ~/.config/fish/config.fish",
}


@click.command(epilog="\b\n" + "\n".join(_SHELLS.values()))
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands, options, entities and job ids in a SHELL."""
    kind = get_completion_class(shell)
    if kind is None:
        raise SettingError(f"There is no completion for {shell}.")
    root = context.find_root()
    click.echo(kind(root.command, {}, "batchctl", "_BATCHCTL_COMPLETE").source())
