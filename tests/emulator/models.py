"""The AWS API models that botocore ships, each read once, whatever many threads ask for it at the same time.

moto makes a loader of its own for every service, which looks at each of botocore's 400 folders first; with a thread a
request that took most of the time of a test.
"""

import threading
from functools import lru_cache

import moto.core.utils
from botocore.exceptions import DataNotFoundError
from botocore.loaders import create_loader
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model

_LOADER = create_loader()
_LOCK = threading.RLock()

# What moto reads through, from here on.
moto.core.utils.create_loader = lambda: _LOADER


def service_model(service: str):
    """The model of a service."""
    with _LOCK:
        return get_service_model(service)


def match_operation(service: str, message):
    """The operation of a request, and what its path says. A router sorts its rules when it is first asked: one at a time."""
    with _LOCK:
        return get_service_router(service).match(message)


@lru_cache(None)
def operation_model(service: str, name: str):
    """The model of one operation."""
    return service_model(service).operation_model(name)


def paginators(service: str) -> dict:
    """How the operations of a service are paged, by operation."""
    with _LOCK:
        try:
            return _LOADER.load_service_model(service, "paginators-1")["pagination"]
        except DataNotFoundError:
            return {}
