// Paged at night: a phone, one thumb, a bad network.
import { expect, isLive, test } from '../support/test.ts';

// On a small phone whatever the project is. Without worker, so that no file comes from the device.
test.use({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, serviceWorkers: 'block' });

test('an incident is acknowledged with one touch, without scrolling', async ({ signedIn: page, api, still }, info) => {
  const incident = await api.declare('Payments are refused', 'critical');
  await page.goto(`/incidents/${incident.number}`);
  await isLive(page);
  const button = page.getByRole('button', { name: 'Acknowledge', exact: true });
  await expect(button).toBeInViewport({ ratio: 1 });
  const box = await button.boundingBox();
  expect(Math.min(box?.width ?? 0, box?.height ?? 0), 'as large as a thumb').toBeGreaterThanOrEqual(44);
  expect(box?.y ?? 0, 'in reach of the thumb').toBeGreaterThan(640 / 2);
  await button.tap();
  await expect(page.getByRole('main').getByText('Acknowledged', { exact: true }).first()).toBeVisible();
  await expect.poll(async () => (await api.incident(incident.number)).status).toBe('acknowledged');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, 'scrolls sideways').toBeLessThanOrEqual(0);
  await still(page, `thumb-${info.project.metadata.database}`);
});

test('it is acknowledged before the program has arrived', async ({ signedIn: page, api }) => {
  const incident = await api.declare('Queue is stuck', 'critical');
  let asked = 0;
  // The wasm is on its way for ever.
  await page.route(/\/pkg\/.*\.wasm$/, () => {
    asked += 1;
  });
  await page.goto(`/incidents/${incident.number}`, { waitUntil: 'domcontentloaded' });
  await page.getByRole('button', { name: 'Acknowledge', exact: true }).tap();
  await expect(page.getByRole('main').getByText('Acknowledged', { exact: true }).first()).toBeVisible();
  expect((await api.incident(incident.number)).status).toBe('acknowledged');
  expect(asked, 'the program was asked for, and was not there').toBeGreaterThan(0);
  expect(await page.evaluate(() => document.documentElement.classList.contains('js'))).toBe(false);
});
