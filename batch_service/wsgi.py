"""For any WSGI server: `batch_service.wsgi:app`."""

from batch_service.app import create_app

app = create_app()
