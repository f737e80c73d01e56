"""Google Cloud Storage and Azure Blob Storage, as the environment says to reach them."""

from collections.abc import Mapping

import pyarrow.fs as arrow_fs
from datafusion.object_store import GoogleCloud, MicrosoftAzure
from msgspec import Struct
from pyarrow.fs import FileSystem

from cst_contracts.engine.session.secrets import hide_key


class GoogleStore(Struct, frozen=True):
    """`account` is the file of a service account; without one, each library finds its own way."""

    bucket: str
    account: str | None = None

    def for_engine(self) -> GoogleCloud:
        return GoogleCloud(self.bucket, service_account_path=self.account)

    def for_files(self) -> FileSystem:
        """Raises ImportError where pyarrow was built without it."""
        return arrow_fs.GcsFileSystem()

    def for_delta(self) -> dict[str, str]:
        return {} if self.account is None else {"google_service_account": self.account}

    def path(self, name: str) -> str:
        return f"{self.bucket}/{name}"


class AzureStore(Struct, frozen=True):
    """`container` is one of the account's."""

    container: str
    account: str | None = None
    key: str | None = None

    def for_engine(self) -> MicrosoftAzure:
        return MicrosoftAzure(self.container, account=self.account, access_key=self.key)

    def for_files(self) -> FileSystem:
        """Raises ImportError where pyarrow was built without it."""
        return arrow_fs.AzureFileSystem(account_name=self.account, account_key=self.key)

    def for_delta(self) -> dict[str, str]:
        told = {"azure_storage_account_name": self.account, "azure_storage_account_key": self.key}
        return {name: value for name, value in told.items() if value is not None}

    def path(self, name: str) -> str:
        return f"{self.container}/{name}"


def google_store(bucket: str, environment: Mapping[str, str]) -> GoogleStore:
    return GoogleStore(bucket, environment.get("GOOGLE_APPLICATION_CREDENTIALS") or None)


def azure_store(container: str, environment: Mapping[str, str]) -> AzureStore:
    account = environment.get("AZURE_STORAGE_ACCOUNT_NAME")
    key = environment.get("AZURE_STORAGE_ACCOUNT_KEY") or None
    hide_key(key)
    return AzureStore(container, account or None, key)
