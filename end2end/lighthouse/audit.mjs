// Audits a page of a signed-in person as Lighthouse's mid phone, several times: one line of JSON each.
// node audit.mjs <url> <cookie> <runs>
import lighthouse from 'lighthouse';
import { launch } from 'chrome-launcher';

const [url, cookie, runs] = process.argv.slice(2);
const chrome = await launch({
  chromePath: process.env.CHROMIUM,
  chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  for (let run = 0; run < Number(runs); run += 1) {
    const { lhr } = await lighthouse(url, {
      port: chrome.port,
      output: 'json',
      logLevel: 'error',
      onlyCategories: ['performance', 'accessibility', 'best-practices'],
      extraHeaders: { Cookie: cookie },
      formFactor: 'mobile',
    });
    if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
    if (!lhr.finalDisplayedUrl.startsWith(url)) throw new Error(`${url} led to ${lhr.finalDisplayedUrl}`);
    const ms = (audit) => lhr.audits[audit].numericValue;
    const score = (category) => Math.round(lhr.categories[category].score * 100);
    console.log(
      JSON.stringify({
        performance: score('performance'),
        accessibility: score('accessibility'),
        practices: score('best-practices'),
        lcp: ms('largest-contentful-paint'),
        tbt: ms('total-blocking-time'),
        cls: ms('cumulative-layout-shift'),
        benchmark: lhr.environment.benchmarkIndex,
      }),
    );
  }
} finally {
  chrome.kill();
}
