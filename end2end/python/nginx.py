"""nginx in front, as Debian ships it, with the lines that our README asks for."""

import os
import subprocess
import tempfile

import requests

from opsguard import free_port, until

CONFIG = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  server {{
    listen 127.0.0.1:{port} ssl;
    server_name {name};
    ssl_certificate {cert};
    ssl_certificate_key {key};
    client_max_body_size 6m;
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 75s;
    }}
  }}
}}
"""


class Nginx:
    def __init__(self, name, certificate):
        self.folder = tempfile.TemporaryDirectory(prefix="opsguard-nginx-")
        self.name, self.certificate = name, certificate
        self.port = free_port()
        self.url = f"https://{name}:{self.port}"

    def up(self, upstream):
        config = f"{self.folder.name}/nginx.conf"
        with open(config, "w") as file:
            files = {"cert": self.certificate.cert, "key": self.certificate.key}
            file.write(CONFIG.format(folder=self.folder.name, port=self.port, name=self.name, upstream=upstream, **files))
        program = "/usr/sbin/nginx" if os.path.exists("/usr/sbin/nginx") else "nginx"
        self.process = subprocess.Popen([program, "-e", f"{self.folder.name}/error.log", "-p", self.folder.name, "-c", config])
        until("nginx passes on", lambda: requests.get(f"{self.url}/livez", timeout=5, verify=self.certificate.cert).ok)
        return self

    def end(self):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()
