// Without network: reading what was opened, acknowledging, and the server having it exactly once.
import { mark, neverReloaded } from '../support/list.ts';
import { expect, hydrated, isLive, test } from '../support/test.ts';
import { stored, workerReady } from '../support/worker.ts';

test('an incident reached by client navigation is readable offline', async ({ signedIn: page, api, context, watch, still }) => {
  const incident = await api.declare('Certificate expires');
  await page.goto('/');
  await workerReady(page);
  await page.reload();
  await hydrated(page);
  await page.goto('/incidents?q=Certificate+expires');
  await hydrated(page);
  await mark(page);
  await page.getByRole('link', { name: /Certificate expires/ }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Certificate expires' })).toBeVisible();
  await neverReloaded(page);
  await stored(page, `/incidents/${incident.number}`);
  watch.allowNetworkErrors = true;
  await context.setOffline(true);
  await page.goto(`/incidents/${incident.number}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Certificate expires' })).toBeVisible();
  await expect(page.getByText(/Offline/).first()).toBeVisible();
  await still(page, 'offline-incident');
  await context.setOffline(false);
});

test('acknowledged offline, the tab closed, the network back: exactly once', async ({ signedIn: page, api, context, watch, still }) => {
  const incident = await api.declare('Queue grows');
  await page.goto('/');
  await workerReady(page);
  await page.goto(`/incidents/${incident.number}`);
  await isLive(page);
  watch.allowNetworkErrors = true;
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
  await expect(page.getByText(/not sent yet/i).first()).toBeVisible();
  await still(page, 'offline-acknowledged');
  expect((await api.incident(incident.number)).status).toBe('open');
  await page.close();

  await context.setOffline(false);
  const again = await context.newPage();
  watch.follow(again);
  await again.goto(`/incidents/${incident.number}`);
  await expect.poll(async () => (await api.incident(incident.number)).status).toBe('acknowledged');
  const timeline = await api.call<any[]>('GET', `/incidents/${incident.number}/timeline`);
  expect(timeline.filter((entry) => entry.kind === 'incident.acknowledged')).toHaveLength(1);
});
