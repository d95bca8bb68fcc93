"""How the service is run: TLS, stopping while calls are under way, and every Python this project supports."""

from __future__ import annotations

import http.client
import ipaddress
import os
import shutil
import ssl
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from qbwc import queue
from qbwc.errors import ServeError
from qbwc.service import serve
from tests.unit.qbwc_server.qbwc_driver import make_office

ROOT = Path(__file__).parents[3]


@pytest.fixture
def certificate(tmp_path):
    """A certificate for localhost and its key."""
    x509 = pytest.importorskip("cryptography.x509", reason="cryptography is not installed: no certificate")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "localhost.pem", tmp_path / "localhost.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths


def start(engine, **given):
    """Serve in a thread: (AppURL, how to stop)."""
    ready, stop, urls = threading.Event(), threading.Event(), []

    def on_ready(url):
        urls.append(url)
        ready.set()

    thread = threading.Thread(
        target=serve, args=(engine,), kwargs={"on_ready": on_ready, "stop": stop, **given}
    )
    thread.start()
    assert ready.wait(10)

    def end():
        stop.set()
        thread.join(10)
        assert not thread.is_alive()

    return urls[0], end


def test_https(tmp_path, certificate):
    office = make_office(tmp_path)
    url, end = start(office.engine, certificate=certificate[0], key=certificate[1])
    try:
        parts = urlsplit(url)
        assert (parts.scheme, parts.hostname, parts.path) == ("https", "localhost", "/qbwc")
        context = ssl.create_default_context(cafile=str(certificate[0]))
        connection = http.client.HTTPSConnection("localhost", parts.port, context=context, timeout=10)
        connection.request("GET", "/health")
        assert connection.getresponse().status == 200
        connection.close()
        stranger = http.client.HTTPSConnection("localhost", parts.port, timeout=10)
        with pytest.raises(ssl.SSLCertVerificationError):
            stranger.request("GET", "/health")
    finally:
        end()


def test_half_a_certificate(tmp_path, certificate):
    office = make_office(tmp_path)
    with pytest.raises(ServeError, match="needs a certificate and its key"):
        serve(office.engine, certificate=certificate[0])


def test_a_server_stops_in_time_while_callers_knock(tmp_path):
    """Twenty threads call while it stops; it ends in order, and the queue is as it was."""
    office = make_office(tmp_path)
    ids = office.enqueue(*(queue.QueryRequest(entity="Customer", max_returned=2) for _ in range(3)))
    for _ in range(2):
        url, end = start(office.engine)
        threads = [threading.Thread(target=_knock, args=(url,)) for _ in range(20)]
        for thread in threads:
            thread.start()
        end()
        for thread in threads:
            thread.join(10)
    office.connector.update()
    assert set(office.state(*ids)) == {"answered"}


def _knock(url):
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=5)
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except OSError:
        pass  # the server was gone already: that is what this caller is for
    except http.client.HTTPException:
        pass
    finally:
        connection.close()


# --- spyne on other Pythons -------------------------------------------------------------------------------

PROBE = "import importlib.util as u, sys; sys.exit(not all(u.find_spec(n) for n in ('spyne', 'lxml', 'sqlalchemy', 'cheroot', 'six')))"  # noqa: E501
USE = "import sys; from qbwc.service.soap import soap_application; print(sys.version_info[:2], 'six.moves' in sys.modules)"  # noqa: E501


def other_python():
    """A second Python of 3.12 or later that has the dependencies; a test without one skips."""
    named = [os.environ.get("QBWC_OTHER_PYTHON"), *(shutil.which(f"python3.{minor}") for minor in (12, 13))]
    for path in filter(None, named):
        fits = subprocess.run([path, "-c", PROBE], capture_output=True, timeout=30)
        if fits.returncode == 0:
            return path
    pytest.skip("no second Python (3.12 or 3.13) with spyne, lxml, sqlalchemy, cheroot and six")


def test_spyne_imports_on_a_newer_python():
    done = subprocess.run(
        [other_python(), "-W", "error", "-c", USE], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().endswith("True")


def test_spyne_imports_here_without_a_warning():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", USE], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_only_the_compatibility_module_silences_spyne():
    code = (
        "import logging; logging.basicConfig(level=1); import qbwc.spyne_compat as c; "
        "logging.getLogger('spyne.protocol.soap.soap11.invalid').error('secret')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
