"""A real server for a test: the binary of the test command, on a free port, over a fresh database."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid

import requests

ADMIN_EMAIL = "admin@example.org"
ADMIN_PASSWORD = "correct horse battery"
SECRET_KEY = "py:0123456789abcdef0123456789abcdef"
DATABASES = ["sqlite", "postgres"]
# What a browser says of a request that a page of ours made.
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def required(name):
    value = os.environ.get(name)
    assert value, f"{name} is not set: run these tests by `cargo xtask test`"
    return value


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, condition, seconds=20.0, every=0.05):
    """Asks again until the answer is truthy; answers it. An assertion that fails, or a row that is not there, is "not yet"."""
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except (AssertionError, IndexError, requests.ConnectionError, requests.Timeout) as e:
            last = e
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}; last seen: {last!r}")
        time.sleep(every)


def psql(url, statement):
    subprocess.run(["psql", url, "-qc", statement], check=True, capture_output=True, timeout=30)


class Database:
    """A fresh, empty database that outlives the servers over it."""

    def __init__(self, kind, server=None):
        self.kind = kind
        self.folder = tempfile.mkdtemp(prefix="opsguard-py-")
        self.url = None
        if kind == "postgres":
            self.server = server or required("OPSGUARD_TEST_POSTGRES")
            self.name = f"py_{uuid.uuid4().hex[:16]}"
            psql(self.server, f"CREATE DATABASE {self.name}")
            self.url = f"{self.server.rsplit('/', 1)[0]}/{self.name}"

    def env(self):
        found = {"OPSGUARD_DATA_DIR": self.folder}
        if self.url:
            found["OPSGUARD_DATABASE_URL"] = self.url
        return found

    def drop(self):
        # A database of the private PostgreSQL goes with it: dropping each would cost a checkpoint of all the others.
        shutil.rmtree(self.folder, ignore_errors=True)


class Server:
    """A process `opsguard serve`; `stop` or `kill` ends it, `up` starts it again on the same port and database."""

    def __init__(self, database, env=None, certificate=None):
        self.database = database
        self.port = free_port()
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        # As requests takes it: the certificate to believe.
        self.verify = certificate.cert if certificate else True
        self.env = {
            "PATH": os.environ.get("PATH", ""),
            "OPSGUARD_ADDR": f"127.0.0.1:{self.port}",
            "OPSGUARD_PUBLIC_URL": self.url,
            "OPSGUARD_SECRET_KEY": SECRET_KEY,
            "OPSGUARD_LOG": "warn",
            "OPSGUARD_ADMIN_EMAIL": ADMIN_EMAIL,
            "OPSGUARD_ADMIN_PASSWORD": ADMIN_PASSWORD,
            **database.env(),
            **(certificate.env() if certificate else {}),
            **(env or {}),
        }
        self.process = None
        self.output = ""

    def spawn(self):
        """Starts the process, without waiting for anything."""
        self.process = subprocess.Popen(
            [required("OPSGUARD_BIN"), "serve"],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self.reader.start()

    def _read(self, stream):
        for line in stream:
            self.output += line

    def up(self):
        """Starts the process and returns when it is ready."""
        self.spawn()
        until("the server is ready", self._is_ready, seconds=30, every=0.01)
        return self

    def _is_ready(self):
        if self.process.poll() is not None:
            self.reader.join(5)
            raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.output}")
        return requests.get(f"{self.url}/readyz", timeout=5, verify=self.verify).ok

    def api(self):
        """REST as the administrator."""
        return Api(self.url, verify=self.verify)

    def stop(self, with_signal=signal.SIGTERM, seconds=15.0):
        """Ends the process; answers its exit code and how long it took."""
        began = time.monotonic()
        self.process.send_signal(with_signal)
        code = self.process.wait(seconds)
        self.reader.join(5)
        return code, time.monotonic() - began

    def kill(self):
        """`kill -9`."""
        if self.process and self.process.poll() is None:
            self.stop(signal.SIGKILL)

    def __enter__(self):
        return self.up()

    def __exit__(self, *_):
        self.kill()


class Api:
    """REST as a person's token sees it."""

    def __init__(self, url, email=ADMIN_EMAIL, password=ADMIN_PASSWORD, verify=True):
        self.url, self.email, self.password = url, email, password
        self.http = requests.Session()
        self.http.verify = verify
        browser = requests.Session()
        browser.verify = verify
        # A run before may have spent what one address may guess at once: come back when told to, as a client should.
        for _ in range(10):
            self.signed_in = browser.post(
                f"{url}/api/v1/session", json={"email": email, "password": password}, headers=SAME_ORIGIN, timeout=20
            )
            if self.signed_in.status_code != 429:
                break
            time.sleep(int(self.signed_in.headers["Retry-After"]))
        assert self.signed_in.status_code == 200, self.signed_in.text
        self.cookies = browser.cookies
        made = browser.post(
            f"{url}/api/v1/api-tokens", json={"name": "test", "scopes": ["*"]}, headers=SAME_ORIGIN, timeout=20
        )
        assert made.status_code == 201, made.text
        self.token = made.json()["token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def call(self, method, path, expected=None, **more):
        more.setdefault("timeout", 20)
        answer = self.http.request(method, f"{self.url}/api/v1{path}", **more)
        good = answer.status_code == expected if expected else answer.ok
        assert good, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path, **params):
        return self.call("GET", path, params=params)

    def post(self, path, body=None, **more):
        return self.call("POST", path, json=body if body is not None else {}, **more)

    def service(self, name=None, **more):
        """A service of its own, so that tests may share a server."""
        return self.post("/services", {"name": name or f"Service {uuid.uuid4().hex[:12]}", **more}, expected=201)

    def integration(self, service, kind, **settings):
        body = {"kind": kind, "name": f"{kind} of the test", **({"settings": settings} if settings else {})}
        return self.post(f"/services/{service['id']}/integrations", body, expected=201)

    def source(self, kind, **settings):
        """A service with one integration."""
        service = self.service()
        return service, self.integration(service, kind, **settings)

    def walk(self, path, **params):
        """Every row of a list, by cursor."""
        after = None
        while True:
            page = self.get(path, page_size=200, **params, **({"after": after} if after else {}))
            yield from page["items"]
            after = page.get("next")
            if not after:
                return

    def alerts(self, service, **params):
        return list(self.walk("/alerts", service_id=service["id"], **params))

    def incidents(self, service, **params):
        return list(self.walk("/incidents", service_id=service["id"], **params))

    def user(self, role):
        """Somebody of this role, signed in."""
        email, password = f"{role}-{uuid.uuid4().hex[:8]}@example.org", "another long password 7"
        self.post("/users", {"name": role, "email": email, "role": role, "password": password}, expected=201)
        return Api(self.url, email, password, self.http.verify)

    def again(self):
        """The same person, in another browser."""
        return Api(self.url, self.email, self.password, self.http.verify)
