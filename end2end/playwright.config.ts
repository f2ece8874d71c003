// Browser flows. Each project runs all of them: at a desk on SQLite, on a phone on PostgreSQL.
import { defineConfig } from '@playwright/test';

const chromium = {
  browserName: 'chromium' as const,
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  },
};

export default defineConfig({
  testDir: 'flows',
  outputDir: 'test-results',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 1,
  retries: 0,
  forbidOnly: true,
  reporter: [['line']],
  use: { ...chromium, trace: 'retain-on-failure', serviceWorkers: 'allow' },
  projects: [
    { name: 'desk', use: { viewport: { width: 1440, height: 900 } }, metadata: { database: 'sqlite' } },
    {
      name: 'phone',
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
      metadata: { database: 'postgres' },
    },
  ],
});
