// A new version of the server: open tabs go on, offer it, and take it on the person's word. Nothing that waits is lost.
import type { Page } from '@playwright/test';

import { mark, neverReloaded } from '../support/list.ts';
import { another, expect, hydrated, isLive, testAlone as test } from '../support/test.ts';
import { cachedBuilds, pageBuild, stored, workerBuild, workerReady } from '../support/worker.ts';

/** The page, under its worker, with the list of incidents kept for reading without network; answers the build. */
async function settle(page: Page): Promise<string> {
  await page.goto('/');
  await workerReady(page);
  await page.goto('/incidents');
  await isLive(page);
  await stored(page, '/incidents');
  const build = await pageBuild(page);
  await expect.poll(() => workerBuild(page)).toBe(build);
  return build;
}

const offer = (page: Page) => page.getByText('A new version is ready.');

test('a new version is offered in each tab and taken on the word; what waited is sent once, old files go', async ({ signedIn: page, api, server, context, watch, still }) => {
  const incident = await api.declare('Restart needed');
  const before = await settle(page);
  const other = await another(context, watch);
  await other.goto('/services');
  await isLive(other);

  // Something that cannot be sent yet, whatever the server says.
  watch.allowNetworkErrors = true;
  const unsendable = /\/api\/v1\/incidents\/[^/]+\/acknowledge/;
  await context.route(unsendable, (route) => route.abort());
  await page.goto(`/incidents/${incident.number}`);
  await isLive(page);
  await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
  await expect(page.getByText('1 waiting')).toBeVisible();

  await server.upgrade();
  for (const tab of [page, other]) await expect(offer(tab)).toBeVisible();
  await still(page, 'update');
  expect(await pageBuild(page)).toBe(before);

  let loads = 0;
  page.on('load', () => (loads += 1));
  await mark(other);
  await page.getByRole('button', { name: 'Reload' }).click();
  await expect(offer(page)).toBeHidden();
  await isLive(page);
  const after = await pageBuild(page);
  expect(after).not.toBe(before);
  await expect.poll(() => workerBuild(page)).toBe(after);
  await expect(page.getByText('1 waiting')).toBeVisible();

  // The other tab was left alone, and what it runs is kept until it has taken the new version, too.
  await neverReloaded(other);
  expect(await pageBuild(other)).toBe(before);
  expect(await cachedBuilds(other)).toContain(before);
  await other.getByRole('button', { name: 'Reload' }).click();
  await expect(offer(other)).toBeHidden();
  await isLive(other);
  expect(await pageBuild(other)).toBe(after);
  await expect.poll(() => cachedBuilds(page)).toEqual([after]);
  // What was kept for reading without network was fetched again under the new build.
  await stored(page, '/incidents');
  expect(loads, 'the page loaded again once').toBe(1);

  await context.unroute(unsendable);
  await page.reload();
  await expect.poll(async () => (await api.incident(incident.number)).status).toBe('acknowledged');
  const timeline = await api.call<any[]>('GET', `/incidents/${incident.number}/timeline`);
  expect(timeline.filter((entry) => entry.kind === 'incident.acknowledged')).toHaveLength(1);
  await expect(page.getByText('1 waiting')).toBeHidden();
});

test('who loads the page anew has the new version, and is not asked', async ({ signedIn: page, server, watch, context }) => {
  const before = await settle(page);
  watch.allowNetworkErrors = true;
  await server.upgrade();
  await page.goto('/incidents');
  await hydrated(page);
  const after = await pageBuild(page);
  expect(after).not.toBe(before);
  await expect.poll(() => workerBuild(page), { timeout: 20_000 }).toBe(after);
  await expect.poll(() => cachedBuilds(page)).toEqual([after]);
  await expect(offer(page)).toBeHidden();
  await stored(page, '/incidents');
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByText(/Offline/).first()).toBeVisible();
  expect(await pageBuild(page)).toBe(after);
  await context.setOffline(false);
});
