// The team's log: updates and blockers, as people write and read them.
import { mark, neverReloaded } from '../support/list.ts';
import { expect, hydrated, isLive, signIn, test } from '../support/test.ts';
import { workerReady } from '../support/worker.ts';

test('an update is posted, read, edited, deleted and taken back', async ({ signedIn: page, colleague: second, watch, still }, info) => {
  const title = `Moved the queue ${Date.now()}`;
  await second.goto('/log');
  await isLive(second);
  await mark(second);

  await page.goto('/log');
  await hydrated(page);
  await page.getByRole('link', { name: 'Post an update' }).first().click();
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('What happened').fill('Both nodes, **no loss**.');
  await page.getByLabel('Tags').fill('#Deploy, queue');
  await still(page, `log-new-${info.project.metadata.database}`);
  await page.getByRole('button', { name: 'Post', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  await expect(page.locator('strong', { hasText: 'no loss' })).toBeVisible();
  await still(page, `log-update-${info.project.metadata.database}`);

  await expect(second.getByRole('link', { name: title })).toBeVisible();
  await neverReloaded(second);
  await still(second, `log-${info.project.metadata.database}`);
  await second.getByRole('link', { name: '#queue' }).first().click();
  await expect(second).toHaveURL(/tag=queue/);
  await expect(second.locator('input[name=tag]'), 'the filters say what the address says').toHaveValue('queue');
  await expect(second.getByRole('link', { name: title })).toBeVisible();
  await second.getByRole('link', { name: title }).click();
  await expect(second.getByRole('heading', { level: 1, name: title })).toBeVisible();
  await expect(second.getByRole('link', { name: 'Edit' })).toHaveCount(0);

  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Title').fill(`${title}, twice`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `${title}, twice` })).toBeVisible();
  await expect(second.getByRole('heading', { level: 1, name: `${title}, twice` })).toBeVisible();

  // Who has it open asks for it once more, and is told 404.
  watch.allowNetworkErrors = true;
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('Deleted. You can take that back.')).toBeVisible();
  await second.goto('/log');
  await expect(second.getByRole('heading', { level: 1, name: 'Team log' })).toBeVisible();
  await expect(second.getByRole('link', { name: `${title}, twice` })).toHaveCount(0);
  await page.getByRole('button', { name: 'Restore' }).click();
  await expect(page.getByText('The update is in the log again.')).toBeVisible();
  await second.reload();
  await expect(second.getByRole('link', { name: `${title}, twice` })).toBeVisible();
});

test('what is typed and refused or left alone is not lost', async ({ signedIn: page, watch }) => {
  // The refusal is a 422 on purpose; browsers put that into the console.
  watch.allowNetworkErrors = true;
  await page.goto('/log/new');
  await hydrated(page);
  await page.getByLabel('Title').fill('Half a thought');
  await page.getByLabel('Tags').fill('not.a.tag');
  await page.getByRole('button', { name: 'Post', exact: true }).click();
  await expect(page.getByText(/"not.a.tag" is not a tag/).first()).toBeVisible();
  await expect(page.getByLabel('Title')).toHaveValue('Half a thought');
  await page.goto('/log');
  await hydrated(page);
  await page.goto('/log/new');
  await hydrated(page);
  await expect(page.getByLabel('Title')).toHaveValue('Half a thought');
  await page.getByLabel('Tags').fill('tag');
  await page.getByRole('button', { name: 'Post', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Half a thought' })).toBeVisible();
  await page.goto('/log/new');
  await hydrated(page);
  await expect(page.getByLabel('Title')).toHaveValue('');
});

test('a blocker of an incident is seen by whom it waits for, and resolved', async ({ signedIn: page, colleague: second, api, still }, info) => {
  const words = `No access to the ledger ${Date.now()}`;
  const incident = await api.declare('Payments are stuck');
  const people = await api.call('GET', '/users?page_size=200');
  const lea = await second.locator('html').getAttribute('data-user');
  expect(people.items.some((person: any) => person.id === lea)).toBe(true);
  await second.goto('/');
  await isLive(second);
  await mark(second);

  await page.goto(`/incidents/${incident.number}`);
  await isLive(page);
  await page.getByRole('link', { name: 'Report a blocker' }).click();
  await page.getByLabel('What is in the way').fill(words);
  await page.getByLabel('What cannot go on').fill('The fix');
  await page.getByLabel('For whom').selectOption(lea ?? '');
  await still(page, `blocker-new-${info.project.metadata.database}`);
  await page.getByRole('button', { name: 'Report', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: words })).toBeVisible();
  await page.getByRole('link', { name: `INC-${incident.number}` }).click();
  await expect(page.getByRole('link', { name: new RegExp(words) })).toBeVisible();
  await mark(page);

  // It is on her home without a reload; she gets it out of the way.
  await expect(second.getByRole('heading', { name: 'Blockers on you' })).toBeVisible();
  await still(second, `blockers-on-me-${info.project.metadata.database}`);
  await second.getByRole('link', { name: new RegExp(words) }).first().click();
  await expect(second.getByRole('heading', { level: 1, name: words })).toBeVisible();
  await second.getByLabel('How it went away').fill('Granted');
  await still(second, `blocker-${info.project.metadata.database}`);
  await second.getByRole('button', { name: 'Resolve', exact: true }).click();
  await expect(second.getByText('Granted')).toBeVisible();
  await neverReloaded(second);

  const row = page.getByRole('main').getByRole('link', { name: new RegExp(words) });
  await expect(row.getByText('Resolved')).toBeVisible();
  await expect(page.getByText('resolved a blocker').first()).toBeVisible();
  await neverReloaded(page);
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'No longer in your way' })).toBeVisible();
  await page.goto('/log/blockers');
  await expect(page.getByRole('link', { name: new RegExp(words) })).toContainText(`The fix - INC-${incident.number}`);
  await still(page, `blockers-${info.project.metadata.database}`);
});

test.describe('without worker', () => {
  test.use({ serviceWorkers: 'block' });

  test('the feed tells of a resolved blocker before the answer to its form comes', async ({ signedIn: page, api }) => {
    const blocker = await api.call('POST', '/blockers', { description: 'A slow answer' });
    await page.goto(`/log/blockers/${blocker.id}`);
    await isLive(page);
    await page.route(/\/blockers\/[^/]+\/resolve$/, async (route) => {
      const answer = await route.fetch();
      await expect(page.getByRole('button', { name: 'It stands in the way again' })).toBeVisible();
      await route.fulfill({ response: answer });
    });
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await expect(page.getByText('Resolved. Who waited sees it.')).toBeVisible();
  });
});

test('an update posted offline is kept and sent once', async ({ signedIn: page, api, context, watch }) => {
  const title = `Written in a tunnel ${Date.now()}`;
  await page.goto('/log');
  await workerReady(page);
  await page.goto('/log/new');
  await isLive(page);
  watch.allowNetworkErrors = true;
  await context.setOffline(true);
  await page.getByLabel('Title').fill(title);
  await page.getByRole('button', { name: 'Post', exact: true }).click();
  await expect(page.getByText(/Not sent yet/).first()).toBeVisible();
  await context.setOffline(false);
  const posted = async () => (await api.call('GET', `/status?q=${encodeURIComponent(`"${title}"`)}`)).total;
  await expect.poll(posted).toBe(1);
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('an update is posted, a blocker reported and resolved', async ({ page, watch }) => {
    watch.follow(page);
    await signIn(page);
    await page.goto('/log/new');
    await page.getByLabel('Title').fill('Plain HTML');
    await page.getByLabel('Tags').fill('a.b');
    await page.getByRole('button', { name: 'Post', exact: true }).click();
    await expect(page.getByText(/"a.b" is not a tag/).first()).toBeVisible();
    await page.getByLabel('Tags').fill('plain');
    await page.getByRole('button', { name: 'Post', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Plain HTML' })).toBeVisible();
    await page.getByRole('link', { name: 'Report a blocker' }).click();
    await page.getByLabel('What is in the way').fill('No script here');
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'No script here' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Plain HTML' })).toBeVisible();
    await page.getByLabel('How it went away').fill('It works');
    await page.getByRole('button', { name: 'Resolve', exact: true }).click();
    await expect(page.getByText('It works')).toBeVisible();
    await page.getByRole('button', { name: 'It stands in the way again' }).click();
    await expect(page.getByText('Active', { exact: true }).first()).toBeVisible();
  });

  test('a refused report still belongs to its incident, even one that is over', async ({ page, api, watch }) => {
    watch.follow(page);
    const incident = await api.declare('Over by now');
    await api.call('POST', `/incidents/${incident.id}/resolve`, {});
    const me = await api.me();
    await signIn(page);
    await page.goto(`/log/blockers/new?incident_id=${incident.id}`);
    await page.getByLabel('What is in the way').fill('Myself');
    await page.getByLabel('For whom').selectOption(me.id);
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    await expect(page.getByText('Nobody waits for themselves.').first()).toBeVisible();
    await expect(page.getByLabel('What is in the way')).toHaveValue('Myself');
    await expect(page.locator('select[name=related_incident_id]')).toHaveValue(incident.id);
  });
});
