"""moto as a library: a call goes in as Python values and comes back as Python values.

moto mocks botocore, so an ordinary botocore client is the door to it; no second HTTP server, no second copy of the
state. Its dictionaries are not made for several threads, hence the lock.
"""

import threading

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from botocore.handlers import json_decode_policies
from moto import mock_aws
from moto.backends import get_backend
from moto.moto_api._internal import mock_random

from .errors import ApiError, not_implemented
from .pages import paging_of, without_paging


class Moto:
    """moto's state for all accounts. One at a time, because moto keeps it in globals."""

    _is_open = False

    def __init__(self, partition: str):
        if Moto._is_open:
            raise RuntimeError("moto has one state a process; close the world that has it first")
        Moto._is_open = True
        self.partition = partition
        self.lock = threading.RLock()
        self._account = ""
        self._clients: dict[tuple[str, str], object] = {}
        self._mock = mock_aws()
        self._mock.start()
        mock_random.seed(0)

    def close(self) -> None:
        """Forgets everything."""
        self._mock.stop()
        Moto._is_open = False

    def iam(self, account: str):
        """The IAM state of an account: `moto.iam.models.IAMBackend`."""
        return get_backend("iam")[account][self.partition]

    def organizations(self, account: str):
        """What a management account owns of AWS Organizations: `moto.organizations.models.OrganizationsBackend`."""
        return get_backend("organizations")[account][self.partition]

    def call(self, service: str, operation: str, parameters: dict, account: str, region: str) -> dict:
        """moto's full answer: every page of it, whatever page was asked for."""
        paging = paging_of(service, operation)
        asked = without_paging(paging, parameters)
        with self.lock:
            result = self._call_once(service, operation, asked, account, region)
            if paging is None:
                return result
            token = result.pop(paging["output_token"], None)
            while token:
                page = self._call_once(service, operation, {**asked, paging["input_token"]: token}, account, region)
                token = page.pop(paging["output_token"], None)
                for key, value in page.items():
                    if isinstance(value, list):
                        result[key] = result.get(key, []) + value
        return result

    def _call_once(self, service: str, operation: str, parameters: dict, account: str, region: str) -> dict:
        client = self._client(service, region)
        self._account = account
        try:
            result = client._make_api_call(operation, parameters)
        except ClientError as error:
            answer = error.response
            status = answer["ResponseMetadata"]["HTTPStatusCode"]
            if answer["Error"].get("Message") == "Not yet implemented" or status >= 500:
                raise not_implemented(service, operation) from None
            raise ApiError(answer["Error"]["Code"], answer["Error"].get("Message", ""), status) from None
        except ParamValidationError as error:
            raise ApiError("ValidationError", str(error), 400) from None
        except NotImplementedError:
            raise not_implemented(service, operation) from None
        result.pop("ResponseMetadata", None)
        return result

    def _client(self, service: str, region: str):
        key = (service, region)
        if key not in self._clients:
            session = botocore.session.Session()
            client = session.create_client(
                service,
                region_name=region,
                # A partition's own address (iam.us-gov.amazonaws.com) would hide the partition from moto.
                endpoint_url="https://iam.amazonaws.com" if service == "iam" else None,
                aws_access_key_id="FAKE_KEY_OF_THE_EMULATOR",
                aws_secret_access_key="fake",
                config=Config(retries={"total_max_attempts": 1}, parameter_validation=True),
            )
            # Documents have to leave as they came in: as text.
            client.meta.events.unregister("after-call.iam", json_decode_policies)
            client.meta.events.register("before-call", self._set_account)
            self._clients[key] = client
        return self._clients[key]

    def _set_account(self, params, **_):
        params["headers"]["x-moto-account-id"] = self._account
