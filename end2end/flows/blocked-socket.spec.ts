// A network that lets no websocket through: the page says so, asks by plain HTTP, and is live again when it may.
import { alert } from '../support/api.ts';
import { arrives, mark, neverReloaded, row } from '../support/list.ts';
import { expect, hydrated, isLive, test } from '../support/test.ts';

test('without websockets the page polls and says that it reconnects; with them it is live again', async ({ signedIn: page, api, still }) => {
  let blocked = true;
  await page.routeWebSocket(/\/live$/, (socket) => {
    if (blocked) void socket.close({ code: 1011, reason: 'blocked' });
    else socket.connectToServer();
  });
  const polls: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/events?after=')) polls.push(request.url());
  });
  const name = `blocked-${Date.now()}`;
  const service = await api.serviceWith('generic', name);
  const title = (nr: number) => `Trouble ${nr} of ${name}`;
  const send = (nr: number, severity: string) => alert(service.url, { title: title(nr), severity, dedup_key: `${name}-${nr}` });

  await page.goto('/incidents?sort=newest');
  await hydrated(page);
  await mark(page);
  const word = page.locator('.live').filter({ hasText: 'Reconnecting' }).first();
  await expect(word).toBeVisible();
  await expect(word.getByText('Reconnecting')).toBeVisible();

  await send(1, 'medium');
  await arrives(page, title(1), 20_000);
  expect(polls.length).toBeGreaterThan(0);
  // A row that is there changes in place, too.
  await send(1, 'critical');
  await expect(row(page, title(1))).toContainText('Critical', { timeout: 20_000 });
  await expect(word).toBeVisible();
  await still(page, 'reconnecting');

  blocked = false;
  await expect(page.locator('.live').filter({ hasText: 'Live' }).first()).toBeVisible({ timeout: 45_000 });
  await isLive(page);
  await send(2, 'critical');
  await arrives(page, title(2));
  await neverReloaded(page);
});
