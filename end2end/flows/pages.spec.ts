// Every page, as a person with rights sees it: no fault in the console, no axe violation, no sideways scroll.
import { expect, hydrated, test } from '../support/test.ts';

test('every page is whole, accessible and does not scroll sideways', async ({ signedIn: page, api, watch, still }) => {
  // The last two pages are 404 on purpose; browsers put that into the console.
  watch.allowNetworkErrors = true;
  const service = await api.serviceWith('alertmanager', `orders-${Date.now()}`);
  const integration = (await api.call<any[]>('GET', `/services/${service.id}/integrations`))[0];
  await api.declare('Something to look at', 'critical');
  const update = await api.call('POST', '/status', { title: 'Something to read', content: '**Words**', tags: ['look'] });
  const blocker = await api.call('POST', '/blockers', { description: 'Something in the way', related_status_id: update.id });
  const log = ['/log', '/log/new', `/log/${update.id}`, `/log/${update.id}/edit`, '/log/blockers', '/log/blockers/new', `/log/blockers/${blocker.id}`,
    `/log/blockers/${blocker.id}/edit`];
  const pages = [...log, '/', '/incidents', '/incidents/new', '/incidents/1', '/incidents/1/edit', '/services', '/services/new', `/services/${service.id}`,
    `/services/${service.id}/edit`, `/integrations/${integration.id}`, '/team', '/settings', '/audit', '/outbox', '/incidents/999999', '/nowhere'];
  for (const path of pages) {
    await page.goto(path);
    await hydrated(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
    await still(page, `page${path.replace(/[0-9a-f-]{36}/, 'id').replace(/\W+/g, '-')}`);
  }
});

test('the palette finds pages and incidents by keyboard alone', async ({ signedIn: page, api }) => {
  await api.declare('Zebra crossing fails');
  await page.goto('/');
  await hydrated(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('zebra');
  await expect(page.getByRole('option', { name: /Zebra crossing fails/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Zebra crossing fails' })).toBeVisible();
});

test('an acknowledgement can be undone from its toast', async ({ signedIn: page, api }) => {
  const incident = await api.declare('Pressed too early');
  await page.goto(`/incidents/${incident.number}`);
  await hydrated(page);
  await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(async () => (await api.incident(incident.number)).status).toBe('open');
});
