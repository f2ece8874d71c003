// A new user: from the setup link to the first incident that opens on the page by itself.
import { Server } from '../support/server.ts';
import { expect, hydrated, test } from '../support/test.ts';

test('from the setup link to the first incident', async ({ page, watch, database, still }) => {
  watch.follow(page);
  const server = await Server.start(database, { admin: false });
  try {
    await page.goto(server.setupLink());
    await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible();
    await still(page, 'setup');
    await page.getByLabel('Your name').fill('Mara Klein');
    await page.getByLabel('E-mail').fill('mara@example.org');
    await page.getByLabel('Password', { exact: true }).fill('a long password of mine');
    await page.getByRole('button', { name: 'Make the administrator' }).click();

    await page.getByLabel('Name', { exact: true }).fill('payments-api');
    await still(page, 'welcome-service');
    await page.getByRole('button', { name: 'Go on' }).click();

    await expect(page.getByRole('heading', { name: /payments-api/ })).toBeVisible();
    await still(page, 'welcome-source');
    await page.getByRole('button', { name: /Generic/ }).click();
    await hydrated(page);
    await still(page, 'welcome-integration');
    await page.getByRole('button', { name: /test alert/i }).first().click();

    await page.goto(`${server.url}/incidents`);
    await expect(page.getByText('Test alert from OpsGuard')).toBeVisible();
    await still(page, 'first-incident');
    // The link worked once; it opens nothing now.
    await page.goto(server.setupLink());
    await expect(page.getByRole('heading', { name: 'Already set up' })).toBeVisible();
  } finally {
    // A page that is still connecting would complain of a server that has gone.
    await page.close();
    await server.end();
  }
});
