// The real Alertmanager of the machine, alone, on a loopback port, with times short enough for a test.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort, ready } from './server.ts';

/** The labels of one alert, and how it reads. */
export type Firing = { labels: Record<string, string>; summary: string };

export class Alertmanager {
  private constructor(
    private readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  /** `receiver` is what an operator writes below the receiver's name; JSON is YAML. */
  static async start(receiver: object): Promise<Alertmanager> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const folder = mkdtempSync(join(tmpdir(), 'opsguard-am-'));
    const route = { receiver: 'opsguard', group_by: ['alertname'], group_wait: '100ms', group_interval: '300ms', repeat_interval: '300ms' };
    const config = join(folder, 'alertmanager.yml');
    writeFileSync(config, JSON.stringify({ route, receivers: [{ name: 'opsguard', ...receiver }] }));
    const options = [`--config.file=${config}`, `--storage.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='];
    const child = spawn('prometheus-alertmanager', options, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    await ready('prometheus-alertmanager (of the Debian package of that name)', child, `${url}/-/ready`, () => output);
    return new Alertmanager(url, child, folder);
  }

  fire(...alerts: Firing[]): Promise<void> {
    return this.send(alerts, { endsAt: moment(3600) });
  }

  resolve(...alerts: Firing[]): Promise<void> {
    return this.send(alerts, { startsAt: moment(-60), endsAt: moment(-1) });
  }

  private async send(alerts: Firing[], times: object): Promise<void> {
    const body = alerts.map(({ labels, summary }) => ({ labels, annotations: { summary }, ...times }));
    const answer = await fetch(`${this.url}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`Alertmanager: ${answer.status} ${await answer.text()}`);
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    if (this.process.exitCode === null && this.process.kill('SIGKILL')) await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const moment = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
