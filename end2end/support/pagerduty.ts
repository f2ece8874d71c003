// PagerDuty's own client for Python. It insists on https, so TLS stands in front of the server, as a proxy would.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server as Proxy } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { required, type Server } from './server.ts';

const SEND = join(import.meta.dirname, '../python/send_event.py');

export class PagerDuty {
  private constructor(
    private readonly key: string,
    private readonly folder: string,
    private readonly proxy: Proxy,
  ) {}

  static async start(server: Server, key: string): Promise<PagerDuty> {
    const folder = mkdtempSync(join(tmpdir(), 'opsguard-pd-'));
    const [cert, secret] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', [...make, '-subj', '/CN=OpsGuard test', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', secret, '-out', cert], { stdio: 'pipe' });
    const proxy = createServer({ cert: readFileSync(cert), key: readFileSync(secret) }, (from, to) => {
      const onward = request(server.url + from.url, { method: from.method, headers: from.headers }, (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(to);
      });
      onward.once('error', () => to.destroy());
      from.pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    return new PagerDuty(key, folder, proxy);
  }

  /** Calls a method of the client; answers the dedup key. */
  async send(method: 'trigger' | 'acknowledge' | 'resolve', positional: string[], named: object = {}): Promise<string> {
    const url = `https://127.0.0.1:${(this.proxy.address() as AddressInfo).port}`;
    const words = [SEND, url, join(this.folder, 'cert.pem'), this.key, method, JSON.stringify(positional), JSON.stringify(named)];
    const { stdout } = await promisify(execFile)(required('OPSGUARD_TEST_PYTHON'), words, { env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1' } });
    return stdout.trim();
  }

  async end(): Promise<void> {
    this.proxy.closeAllConnections();
    await new Promise((resolve) => this.proxy.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
