"""Fixtures of the tests that use other people's clients. Both databases, always; nothing is skipped."""

import os

import pytest

from certificate import Certificate
from opsguard import DATABASES, Database, Server

FIGURES = []

# Everything here is on this machine: no proxy between, and no certificates but our own.
for name in list(os.environ):
    if name.lower().endswith("_proxy") or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        del os.environ[name]


@pytest.fixture(params=DATABASES, scope="module")
def server(request):
    """A server that the tests of a file share, once over each database."""
    database = Database(request.param)
    try:
        with Server(database) as server:
            yield server
    finally:
        database.drop()


@pytest.fixture(scope="module")
def api(server):
    return server.api()


@pytest.fixture(scope="session")
def certificate():
    made = Certificate()
    yield made
    made.folder.cleanup()


@pytest.fixture
def fresh():
    """Makes databases, and servers over them, that end with the test: `fresh("sqlite")`."""
    servers, databases = [], []

    def make(kind, env=None, database=None, **more):
        if database is None:
            database = Database(kind)
            databases.append(database)
        servers.append(Server(database, env, **more))
        return servers[-1]

    yield make
    for made in servers:
        made.kill()
    for made in databases:
        made.drop()


@pytest.fixture
def figure(request):
    """Says a figure at the end of the run: `figure("accepted 7, lost 0")`."""
    return lambda text: FIGURES.append(f"{request.node.name}: {text}")


def pytest_terminal_summary(terminalreporter):
    if FIGURES:
        terminalreporter.section("figures")
        for line in FIGURES:
            terminalreporter.write_line(line)
