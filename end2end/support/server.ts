// A real server for a worker: the binary of the test command, on a free port, over a fresh database.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ADMIN = { name: 'admin', email: 'admin@example.org', password: 'correct horse battery' };
const KEY = 'e2e:0123456789abcdef0123456789abcdef';

export type Database = 'sqlite' | 'postgres';

export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the flows by \`cargo xtask test\``);
  return value;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Returns when a program that was just started answers at `url`. */
export async function ready(name: string, child: ChildProcess, url: string, output: () => string): Promise<void> {
  let fault: Error | undefined;
  child.once('error', (e) => (fault = e));
  const until = Date.now() + 30_000;
  while (!(await fetch(url).then((r) => r.ok, () => false))) {
    if (fault) throw new Error(`${name}: ${fault.message}`);
    if (child.exitCode !== null) throw new Error(`${name} ended:\n${output()}`);
    if (Date.now() > until) throw new Error(`${name} is not ready after 30 s:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function freshPostgres(): string {
  const server = required('OPSGUARD_TEST_POSTGRES');
  const name = `e2e_${process.pid}_${Date.now()}`;
  execFileSync('psql', [server, '-qc', `CREATE DATABASE ${name}`]);
  return `${server.slice(0, server.lastIndexOf('/'))}/${name}`;
}

export class Server {
  private process?: ChildProcess;
  output = '';

  private constructor(
    readonly url: string,
    private readonly port: number,
    private readonly folder: string,
    private readonly env: Record<string, string>,
  ) {}

  /** Starts on a fresh database. Without `admin` it waits for its setup link to be used. */
  static async start(database: Database, options: { admin?: boolean; env?: Record<string, string> } = {}): Promise<Server> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'opsguard-e2e-'));
    const url = `http://127.0.0.1:${port}`;
    const env: Record<string, string> = {
      OPSGUARD_ADDR: `127.0.0.1:${port}`,
      OPSGUARD_PUBLIC_URL: url,
      OPSGUARD_DATA_DIR: folder,
      OPSGUARD_SECRET_KEY: KEY,
      OPSGUARD_LOG: 'warn',
      ...(database === 'postgres' ? { OPSGUARD_DATABASE_URL: freshPostgres() } : {}),
      ...(options.admin === false ? {} : { OPSGUARD_ADMIN_EMAIL: ADMIN.email, OPSGUARD_ADMIN_PASSWORD: ADMIN.password }),
      ...options.env,
    };
    const server = new Server(url, port, folder, env);
    await server.up();
    return server;
  }

  /** Starts the process and returns when it is ready. */
  async up(more: Record<string, string> = {}): Promise<void> {
    const env = { PATH: process.env.PATH ?? '', ...this.env, ...more };
    const child = spawn(required('OPSGUARD_BIN'), ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    child.stdout.on('data', (text) => (this.output += text));
    child.stderr.on('data', (text) => (this.output += text));
    await ready('the server', child, `${this.url}/readyz`, () => this.output);
  }

  /** Ends the process; the database stays for `up`. */
  async down(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** Restarts as another build of the same program: its styles and one of the page's scripts have other bytes. */
  async upgrade(): Promise<void> {
    const newer = mkdtempSync(join(this.folder, 'newer-'));
    mkdirSync(join(newer, 'pkg'), { recursive: true });
    const page = await (await fetch(`${this.url}/sign-in`)).text();
    const styles = /"(\/pkg\/opsguard\.[^"]+\.css)"/.exec(page)?.[1];
    if (!styles) throw new Error(`no styles in:\n${page.slice(0, 2000)}`);
    const text = async (path: string): Promise<string> => (await fetch(`${this.url}${path}`)).text();
    // Of two style sheets the server links to the one that sorts first.
    writeFileSync(join(newer, 'pkg', 'opsguard.-newer.css'), `${await text(styles)}\n/* ${newer} */\n`);
    writeFileSync(join(newer, 'outbox.js'), `${await text('/outbox.js')}\n// ${newer}\n`);
    await this.down();
    await this.up({ OPSGUARD_TEST_SITE: newer });
  }

  async end(): Promise<void> {
    await this.down('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The one-time link of the first start. */
  setupLink(): string {
    const link = /http\S+\/setup\?token=\S+/.exec(this.output)?.[0];
    if (!link) throw new Error(`no setup link in:\n${this.output}`);
    return link;
  }
}
