"""A certificate of our own for one run, for 127.0.0.1 and for a name that only the test resolves."""

import ssl
import subprocess
import tempfile

NAME = "ops.example.test"


class Certificate:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="opsguard-tls-")
        self.cert, self.key = f"{self.folder.name}/cert.pem", f"{self.folder.name}/key.pem"
        self.renew()

    def renew(self):
        """Writes another one into the same files."""
        names = f"subjectAltName=IP:127.0.0.1,DNS:{NAME}"
        make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        files = ["-subj", "/CN=OpsGuard test", "-addext", names, "-keyout", self.key, "-out", self.cert]
        subprocess.run([*make, *files], check=True, capture_output=True, timeout=30)

    def context(self):
        """What a client needs in order to believe it, and nothing else."""
        return ssl.create_default_context(cafile=self.cert)

    def env(self):
        return {"OPSGUARD_TLS_CERT": self.cert, "OPSGUARD_TLS_KEY": self.key}
