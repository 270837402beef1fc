"""The application, with its table made."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "users.settings")
django.setup(set_prefix=False)

from django.core.management import call_command  # noqa: E402 - Django wants to be set up first
from django.core.wsgi import get_wsgi_application  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
application = get_wsgi_application()
