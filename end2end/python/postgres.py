"""A PostgreSQL of the test's own, to be stopped, frozen and started again. It refuses to run as root, so it does not."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile

from opsguard import free_port, until


def programs():
    """The folder of initdb and postgres: Debian keeps them off PATH, one folder for each major version."""
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    if found:
        return os.path.dirname(max(found, key=lambda path: int(path.split("/")[4])))
    initdb = shutil.which("initdb")
    assert initdb, "PostgreSQL's initdb is not here: install postgresql"
    return os.path.dirname(initdb)


def unprivileged(program, *arguments):
    """The command as somebody else where we are root; it is interrupted when we die."""
    command = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        command += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [*command, "--", f"{programs()}/{program}", *arguments]


class Postgres:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="opsguard-pg-py-")
        if os.geteuid() == 0:
            user = pwd.getpwnam("nobody")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.data = f"{self.folder}/data"
        make = unprivileged("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N", "--locale=C")
        subprocess.run(make, check=True, capture_output=True, timeout=120, cwd="/tmp")
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.process = None

    def up(self):
        """Starts it and returns when it accepts connections."""
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-k", self.folder]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/tmp"}
        # setpriv becomes postgres: the process is the postmaster.
        self.process = subprocess.Popen(unprivileged("postgres", "-D", self.data, *options), **quiet)
        until("PostgreSQL is up", self.answers, seconds=60)
        return self

    def answers(self):
        asked = subprocess.run(["psql", self.url, "-qAtc", "SELECT 1"], capture_output=True, timeout=30)
        return asked.returncode == 0

    def stop(self, how=signal.SIGQUIT):
        """At once, without telling anybody (`pg_ctl stop -m immediate`)."""
        self.process.send_signal(how)
        self.process.wait(60)

    def freeze(self):
        """Connections stay open and nothing answers: what a cut network or a hanging disk looks like."""
        self.frozen = self._family()
        for pid in self.frozen:
            _signal(pid, signal.SIGSTOP)
        # Backends that began meanwhile.
        for pid in set(self._family()) - set(self.frozen):
            _signal(pid, signal.SIGSTOP)
            self.frozen.append(pid)

    def thaw(self):
        for pid in self.frozen:
            _signal(pid, signal.SIGCONT)
        self.frozen = []

    def _family(self):
        """The postmaster first, so that it makes no more of them; then its own children."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            return [self.process.pid, *map(int, children.read().split())]

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def _signal(pid, what):
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        pass
