"""Puts a scenario into moto's state, in process: dates, ids and root credentials that no API call could make."""

from .iam import seed_iam
from .organization import seed_organization

__all__ = ["seed_iam", "seed_organization"]
