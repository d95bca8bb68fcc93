"""The embedded org over HTTP, driven by the real simple-salesforce client."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce, SalesforceLogin

from workbench.testorg import ConnectedApp, TestOrg, User

VERSION = "64.0"
USER = User(username="maria@demo.example", password="pass & <word>", security_token="ToKeN123")
APP = ConnectedApp(client_id="3MVG9.demo", client_secret="s3cret", run_as=USER.username)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 30, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class Loopback(HTTPAdapter):
    """simple-salesforce insists on https: for this one origin it gets http."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.url = request.url.replace("https://", "http://", 1)
        kwargs["timeout"] = kwargs.get("timeout") or 20
        return super().send(request, *args, **kwargs)


@dataclass(frozen=True)
class Running:
    """An org that answers at `url`."""

    org: TestOrg
    url: str
    clock: Clock

    def web_session(self) -> requests.Session:
        session = requests.Session()
        session.mount(self.url.replace("http://", "https://"), Loopback())
        return session

    def log_in(
        self, password: str = USER.password, token: str | None = USER.security_token
    ) -> tuple[str, str]:
        """Session id and host, by SOAP."""
        kind: dict[str, Any] = {"security_token": token} if token is not None else {}
        return SalesforceLogin(
            username=USER.username, password=password, sf_version=VERSION, scratch_url=self.url, **kind
        )

    def client(self, version: str = VERSION) -> Salesforce:
        session_id, instance = self.log_in()
        return Salesforce(
            session_id=session_id, instance=instance, version=version, session=self.web_session()
        )

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """A raw request with a session of its own, for what the client doesn't show."""
        headers = {"Authorization": f"Bearer {self.log_in()[0]}", **options.pop("headers", {})}
        address = f"{self.url}/services/data/v{VERSION}/{path}"
        return requests.request(method, address, headers=headers, timeout=20, **options)
