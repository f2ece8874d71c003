// An alert fires; two browsers show it without a reload; one acknowledges; the alert resolves.
import { alert } from '../support/api.ts';
import { arrives } from '../support/list.ts';
import { expect, isLive, test } from '../support/test.ts';

test('an alert opens, is acknowledged and resolves on two pages at once', async ({ signedIn, colleague: second, api, still }, info) => {
  const name = `shop-${info.project.name}-${Date.now()}`;
  const service = await api.serviceWith('generic', name);

  for (const page of [signedIn, second]) {
    await page.goto('/incidents');
    await isLive(page);
  }
  await alert(service.url, { title: `Checkout fails in ${name}`, severity: 'critical', dedup_key: name });
  for (const page of [signedIn, second]) await arrives(page, `Checkout fails in ${name}`);
  await still(signedIn, 'list-live');

  await signedIn.getByText(`Checkout fails in ${name}`).first().click();
  await expect(signedIn.getByRole('heading', { level: 1, name: `Checkout fails in ${name}` })).toBeVisible();
  await signedIn.getByRole('button', { name: 'Acknowledge', exact: true }).click();
  await expect(signedIn.getByText('Acknowledged').first()).toBeVisible();
  await expect(second.getByRole('link', { name: new RegExp(`Checkout fails in ${name}`) }).getByText('Acknowledged')).toBeVisible();
  await still(signedIn, 'incident');

  await alert(service.url, { title: `Checkout fails in ${name}`, status: 'resolved', dedup_key: name });
  await expect(signedIn.getByText('Resolved', { exact: true }).first()).toBeVisible();
});

test('two people on one incident see each other', async ({ signedIn, colleague: second, api }) => {
  const incident = await api.declare('Mail is late');
  for (const page of [signedIn, second]) {
    await page.goto(`/incidents/${incident.number}`);
    await isLive(page);
  }
  await expect(signedIn.getByText(/Lea\d+ is viewing/)).toBeVisible();
  await second.getByLabel('Write a note').fill('I look at the queue');
  await expect(signedIn.getByText(/Lea\d+ is writing/)).toBeVisible();
  await second.getByRole('button', { name: 'Add note' }).click();
  await expect(signedIn.getByText('I look at the queue')).toBeVisible();
});

test('from 202 to the page: each of 100 alerts changes two pages', async ({ signedIn, colleague: second, api }, info) => {
  test.setTimeout(240_000);
  const service = await api.serviceWith('generic', `pace-${Date.now()}`);
  const took: number[] = [];
  for (const page of [signedIn, second]) {
    await page.goto('/incidents?sort=newest');
    await isLive(page);
    await page.mouse.move(0, 0);
    // When the page first changes for an alert, by the clock of this machine: its row, or "1 new - show".
    await page.evaluate(() => {
      const state = ((window as any).pace = { word: '', changed: 0, shown: '' });
      new MutationObserver(() => {
        const main = document.querySelector('main')?.textContent ?? '';
        if (!state.changed && (main.includes(state.word) || /\d+ new/.test(main))) state.changed = Date.now();
        if (main.includes(state.word)) state.shown = state.word;
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
  }
  for (let n = 0; n < 100; n += 1) {
    const word = `pace-${Date.now()}-${n}-end`;
    for (const page of [signedIn, second]) await page.evaluate((w) => Object.assign((window as any).pace, { word: w, changed: 0 }), word);
    await alert(service.url, { title: word, severity: 'critical', dedup_key: word });
    const accepted = Date.now();
    for (const page of [signedIn, second]) {
      await page.waitForFunction((w) => (window as any).pace.shown === w, word, { polling: 20, timeout: 10_000 });
      took.push((await page.evaluate(() => (window as any).pace.changed)) - accepted);
    }
  }
  took.sort((a, b) => a - b);
  const p99 = took[Math.floor(took.length * 0.99)];
  console.log(`from 202 to the DOM over 100 alerts on two pages (${info.project.name}): p50 ${took[100]} ms, p99 ${p99} ms`);
  expect(took.length).toBe(200);
});
