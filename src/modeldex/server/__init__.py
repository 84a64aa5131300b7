"""The HTTP service and the pages: one ASGI application over one registry."""
