"""The real Alertmanager, alone, on a loopback port, with times short enough for a test."""

import datetime
import json
import subprocess
import tempfile

import requests

from opsguard import free_port, until

PROGRAM = "prometheus-alertmanager"


class Alertmanager:
    """`receiver` is the one receiver's configuration, such as {"webhook_configs": [...]}; JSON is YAML."""

    def __init__(self, receiver, group_by=("alertname",)):
        self.folder = tempfile.TemporaryDirectory(prefix="opsguard-am-")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        config = {
            "route": {
                "receiver": "opsguard",
                "group_by": list(group_by),
                "group_wait": "100ms",
                "group_interval": "300ms",
                "repeat_interval": "300ms",
            },
            "receivers": [{"name": "opsguard", **receiver}],
        }
        self.config = f"{self.folder.name}/alertmanager.yml"
        with open(self.config, "w") as file:
            json.dump(config, file)

    def __enter__(self):
        self.log = open(f"{self.folder.name}/log", "w+")
        self.process = subprocess.Popen(
            [
                PROGRAM,
                f"--config.file={self.config}",
                f"--storage.path={self.folder.name}/data",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--cluster.listen-address=",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        until("Alertmanager is ready", lambda: self._lives() and requests.get(f"{self.url}/-/ready", timeout=5).ok)
        return self

    def _lives(self):
        if self.process.poll() is None:
            return True
        self.log.seek(0)
        raise RuntimeError(f"Alertmanager ended:\n{self.log.read()}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.folder.cleanup()

    def fire(self, *alerts):
        """Each alert is its labels; `summary` among them becomes the annotation."""
        self._send(alerts, {"endsAt": moment(3600)})

    def resolve(self, *alerts):
        self._send(alerts, {"startsAt": moment(-60), "endsAt": moment(-1)})

    def failed_requests(self, kind):
        """How many requests to receivers of this kind failed."""
        name = f'alertmanager_notification_requests_failed_total{{integration="{kind}"}} '
        lines = requests.get(f"{self.url}/metrics", timeout=5).text.splitlines()
        return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))

    def _send(self, alerts, times):
        body = []
        for labels in alerts:
            labels = dict(labels)
            body.append({"labels": labels, "annotations": {"summary": labels.pop("summary", labels["alertname"])}, **times})
        answer = requests.post(f"{self.url}/api/v2/alerts", json=body, timeout=10)
        assert answer.ok, answer.text


def moment(seconds):
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)).isoformat()
