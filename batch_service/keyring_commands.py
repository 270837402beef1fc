"""`batch-service keyring`: the master keys under which the data keys of jobs are sealed."""

import time

import click

from batch_service import bootstrap
from batch_service.settings import Settings
from servicekit.database import Database


def keyring_group(settings: Settings, database: Database) -> click.Group:
    """Make `keyring` with its commands."""

    @click.group("keyring")
    def group() -> None:
        """The keys that everything stored is sealed under; see docs/security/at-rest.md."""

    @group.command()
    def init() -> None:
        """Make a key ring with one key, if there is none."""
        made = bootstrap.make_prepare_keys(settings, database)()
        click.echo(f"{'made' if made else 'kept'} {settings.key_ring_name}")

    @group.command()
    def new() -> None:
        """Print a new key, for a ring that is kept in KEYRING."""
        click.echo(bootstrap.new_master_key())

    @group.command("list")
    def list_keys() -> None:
        """List the keys, the oldest first, and how many jobs depend on each."""
        for use in bootstrap.make_sealed_keys(settings, database).uses():
            notes = ["seals"] * use.seals + ["NOT IN THE RING"] * (not use.in_ring)
            click.echo(f"{use.id}  {use.jobs} jobs  {' '.join(notes)}".rstrip())

    @group.command()
    @click.option("--add/--no-add", default=True, show_default=True, help="Make a new key first; not possible with KEYRING.")
    @click.option("--retire", is_flag=True, help="Then take the old keys out: what they opened in backups opens no more.")
    def rotate(*, add: bool, retire: bool) -> None:
        """Add a key and seal all data keys under it; at any moment every job can be read."""
        done = bootstrap.make_rotate_keys(settings, database)(add=add, retire=retire, wait=_until_all_have_looked)
        click.echo(f"sealed under {done.newest}: {done.jobs} jobs")
        for key_id in done.retired:
            click.echo(f"retired {key_id}")

    return group


def _until_all_have_looked() -> None:
    time.sleep(2 * bootstrap.LOOK_AT_RING_EVERY_S)
