"""Which handler answers which operation."""

from collections.abc import Callable
from dataclasses import dataclass

from ..principals import Principal


@dataclass
class Call:
    """One call, authenticated and parsed."""

    world: object
    service: str
    operation: str
    parameters: dict
    account: str
    region: str
    principal: Principal

    @property
    def iam(self):
        """The IAM state of the caller's account."""
        return self.world.moto.iam(self.account)

    @property
    def words(self) -> dict:
        """What the scenario says of the caller's account."""
        return self.world.account(self.account)

    def moto(self) -> dict:
        """moto's answer to this call."""
        return self.world.moto.call(self.service, self.operation, self.parameters, self.account, self.region)


HANDLERS: dict[str, Callable[[Call], dict]] = {}


def handles(*operations: str):
    """Registers a handler for operations such as `iam:GetAccountSummary`."""

    def register(function):
        for operation in operations:
            HANDLERS[operation] = function
        return function

    return register
