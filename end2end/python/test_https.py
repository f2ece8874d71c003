"""https: with a certificate of our own, and behind nginx under another name."""

import socket

import pytest
import requests

from certificate import NAME, Certificate
from live import Live
from nginx import Nginx
from opsguard import ADMIN_EMAIL, ADMIN_PASSWORD, Api, until


def check_browser_safety(signed_in, host):
    """The session is bound to this host and to https, and the browser is told to stay there."""
    [cookie] = [c for c in signed_in.raw.headers.getlist("set-cookie") if "opsguard=" in c]
    name, *attributes = [part.strip() for part in cookie.split(";")]
    assert name.startswith("__Host-opsguard=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes) and not any(a.startswith("Domain") for a in attributes)
    assert "max-age=31536000" in signed_in.headers["strict-transport-security"]


@pytest.fixture
def ops(monkeypatch):
    """The name of the installation leads to this machine, as DNS would say."""
    ask = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *more, **named: ask("127.0.0.1" if host == NAME else host, *more, **named))
    return NAME


def test_with_a_certificate_it_serves_https_itself(fresh, certificate):
    server = fresh("sqlite", certificate=certificate).up()
    api = server.api()
    check_browser_safety(api.signed_in, "127.0.0.1")
    service, integration = api.source("generic")
    assert integration["url"].startswith("https://")
    with Live(server.url, api.token, ssl=certificate.context()) as live:
        sent = requests.post(integration["url"], json={"title": "Over TLS"}, verify=certificate.cert, timeout=10)
        assert sent.status_code == 202
        [incident] = api.incidents(service)
        assert live.event(f"incident:{incident['id']}", 5)["patch"]["title"] == "Over TLS"
        code, seconds = server.stop()
        assert live.closed() == (1012, "restarting")
    assert code == 0 and seconds < 8, server.output


def test_plain_http_at_the_https_port_is_refused_and_harms_nobody(fresh, certificate):
    server = fresh("sqlite", certificate=certificate).up()
    with pytest.raises(requests.RequestException):
        requests.get(server.url.replace("https", "http"), timeout=10)
    assert requests.get(f"{server.url}/livez", verify=certificate.cert, timeout=5).ok


def test_a_renewed_certificate_is_taken_without_a_restart(fresh):
    own = Certificate()
    server = fresh("sqlite", certificate=own).up()
    own.renew()
    # Until it is read, the client that believes only the new one refuses to talk.
    until("the new certificate is served", lambda: requests.get(f"{server.url}/livez", verify=own.cert, timeout=5).ok, seconds=25)
    own.folder.cleanup()


def test_a_certificate_that_cannot_be_read_is_named_at_the_start(fresh, certificate):
    server = fresh("sqlite", {"OPSGUARD_TLS_CERT": "/nowhere/cert.pem", "OPSGUARD_TLS_KEY": certificate.key})
    server.spawn()
    assert server.process.wait(20) != 0
    server.reader.join(5)
    assert "/nowhere/cert.pem" in server.output


def test_behind_nginx_under_another_name(fresh, certificate, ops):
    front = Nginx(ops, certificate)
    server = fresh("sqlite", {"OPSGUARD_PUBLIC_URL": front.url, "OPSGUARD_TRUSTED_PROXIES": "127.0.0.1"}).up()
    try:
        front.up(server.port)
        api = Api(front.url, verify=certificate.cert)
        check_browser_safety(api.signed_in, ops)
        service, integration = api.source("generic")
        assert integration["url"].startswith(f"{front.url}/in/generic/")
        cookie = {"Cookie": f"__Host-opsguard={api.cookies['__Host-opsguard']}"}
        with Live(front.url, headers=cookie, ssl=certificate.context(), origin=front.url) as live:
            sent = requests.post(integration["url"], json={"title": "Through nginx"}, verify=certificate.cert, timeout=10)
            assert sent.status_code == 202
            [incident] = api.incidents(service)
            assert live.event(f"incident:{incident['id']}", 5)["patch"]["title"] == "Through nginx"
        elsewhere = requests.post(
            f"{front.url}/api/v1/session",
            json={"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD},
            headers={"Origin": "https://evil.example"},
            verify=certificate.cert,
            timeout=10,
        )
        assert elsewhere.status_code == 403
        ours = requests.post(
            f"{front.url}/api/v1/session",
            json={"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD},
            headers={"Origin": front.url, "X-Forwarded-For": "192.0.2.7"},
            verify=certificate.cert,
            timeout=10,
        )
        assert ours.status_code == 200
        # nginx adds who really asked behind what the client claims: that address is believed, the claim is not.
        assert {s["address"] for s in api.get("/sessions")} <= {"127.0.0.1", "192.0.2.7"}
    finally:
        front.end()
