// The REST API as a test uses it: signed in as the first administrator, or with a token.
import { ADMIN, type Server } from './server.ts';

export class Api {
  private constructor(
    private readonly url: string,
    private readonly cookie: string,
  ) {}

  static async signIn(server: Server, email = ADMIN.email, password = ADMIN.password): Promise<Api> {
    const answer = await fetch(`${server.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ email, password }),
    });
    if (!answer.ok) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0];
    return new Api(server.url, cookie);
  }

  async call<T = any>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { cookie: this.cookie, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T);
  }

  /** A service with an integration; answers its name, id and secret URL. */
  async serviceWith(
    kind: 'generic' | 'alertmanager' | 'pagerduty',
    name: string,
    settings?: object,
  ): Promise<{ id: string; name: string; url: string; key: string }> {
    const service = await this.call('POST', '/services', { name });
    const integration = await this.call('POST', `/services/${service.id}/integrations`, { kind, name: 'test', settings });
    return { id: service.id, name, url: integration.url, key: integration.key };
  }

  declare(title: string, severity = 'high'): Promise<{ id: string; number: number }> {
    return this.call('POST', '/incidents', { title, severity });
  }

  incident(reference: string | number): Promise<any> {
    return this.call('GET', `/incidents/${reference}`);
  }

  /** The person signed in. */
  me(): Promise<any> {
    return this.call('GET', '/me');
  }

  /** A second person, by invitation; answers their credentials. */
  async person(url: string, name: string, role = 'responder'): Promise<{ email: string; password: string }> {
    const email = `${name.toLowerCase()}@example.org`;
    const password = `${name} has a long password`;
    const user = await this.call('POST', '/users', { name, email, role, password });
    if (!user.id) throw new Error(`no user made at ${url}`);
    return { email, password };
  }
}

/** Sends one generic alert to a secret URL. */
export async function alert(url: string, body: Record<string, unknown>): Promise<void> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (answer.status !== 202) throw new Error(`alert: ${answer.status} ${await answer.text()}`);
}
