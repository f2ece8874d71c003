// What every flow stands on: a server of the project's database, a page that fails on any console error, axe.
import AxeBuilder from '@axe-core/playwright';
import { type BrowserContext, type Page, test as base, expect } from '@playwright/test';

import { Api } from './api.ts';
import { ADMIN, type Database, Server } from './server.ts';

/** Faults of a page: console errors and uncaught exceptions, but network errors that the flow allows. */
export class Watch {
  readonly faults: string[] = [];
  allowNetworkErrors = false;

  follow(page: Page): void {
    page.on('console', (message) => {
      const isNetwork = message.text().includes('net::ERR_') || message.text().includes('Failed to load resource');
      if (message.type() === 'error' && !(this.allowNetworkErrors && isNetwork)) this.faults.push(message.text());
      if (message.type() === 'warning' && /hydrat/i.test(message.text())) this.faults.push(message.text());
    });
    page.on('pageerror', (error) => {
      this.faults.push(String(error));
    });
  }
}

async function serve(database: Database, use: (server: Server) => Promise<void>): Promise<void> {
  const server = await Server.start(database);
  await use(server);
  await server.end();
  // A panic behind an answer breaks the connection, which some flows would take for the network's fault.
  if (server.output.includes('panicked at')) throw new Error(`the server panicked:\n${server.output}`);
}

export const test = base.extend<{ watch: Watch; signedIn: Page; colleague: Page; api: Api; still: (page: Page, name: string) => Promise<void> }, { server: Server; database: Database }>({
  database: [
    async ({}, use, info) => {
      await use(info.project.metadata.database as Database);
    },
    { scope: 'worker' },
  ],
  server: [
    ({ database }, use) => serve(database, use),
    { scope: 'worker' },
  ],
  baseURL: async ({ server }, use, info) => {
    await use(server.url);
    if (info.status !== info.expectedStatus) await info.attach('server', { body: server.output });
  },
  watch: async ({ context }, use, info) => {
    const watch = new Watch();
    context.on('page', (page) => watch.follow(page));
    await use(watch);
    if (info.status === info.expectedStatus) expect(watch.faults, 'the console is silent').toEqual([]);
  },
  api: async ({ server }, use) => {
    await use(await Api.signIn(server));
  },
  signedIn: async ({ watch, page }, use) => {
    watch.follow(page);
    await signIn(page);
    await use(page);
  },
  // A second person, Lea, at a device of her own.
  colleague: async ({ server, api, browser, watch, baseURL }, use, info) => {
    const person = await api.person(server.url, `Lea${Date.now()}`);
    const context = await browser.newContext({ baseURL, viewport: info.project.use.viewport });
    const page = await another(context, watch);
    await signIn(page, person.email, person.password);
    await use(page);
    await context.close();
  },
  // A picture for people to look at, and axe: no violation on any page that a flow stops at.
  still: async ({}, use, info) => {
    await use(async (page, name) => {
      await page.screenshot({ path: `screenshots/${info.project.name}-${name}.png`, animations: 'disabled' });
      const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
      expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
    });
  },
});

/** For flows that end or replace their server: it is theirs alone. */
export const testAlone = test.extend<{}, { server: Server }>({
  server: [({ database }, use) => serve(database, use), { scope: 'worker' }],
});

export async function signIn(page: Page, email = ADMIN.email, password = ADMIN.password): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/(\?.*)?$/);
}

/** Returns when the wasm has taken over the page. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForFunction(() => document.documentElement.classList.contains('js'));
}

/** Returns when the live socket is open. */
export async function isLive(page: Page): Promise<void> {
  await hydrated(page);
  await expect(page.locator('[data-live="live"], .live').filter({ hasText: 'Live' }).first()).toBeAttached();
}

/** A second window of another person. */
export async function another(context: BrowserContext, watch: Watch): Promise<Page> {
  const page = await context.newPage();
  watch.follow(page);
  return page;
}

export { expect };
