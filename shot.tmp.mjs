import { chromium } from '@playwright/test';
const [,, base, token, out, ...paths] = process.argv;
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync'] });
for (const [w, width, height] of [['wide', 1280, 1400], ['phone', 390, 844]]) for (const scheme of ['dark', 'light']) {
  const ctx = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const r = await ctx.request.post(base + '/api/v1/login', { headers: { origin: base }, data: { token } });
  if (!r.ok()) console.log('login', r.status(), await r.text());
  for (const p of paths) {
    const page = await ctx.newPage();
    page.on('console', (m) => m.type() === 'error' && console.log(m.text()));
    await page.goto(base + p); await page.waitForTimeout(9000);
    await page.screenshot({ path: `${out}/${p.replace(/[^a-z0-9]+/gi, '_') || 'root'}-${w}-${scheme}.png` });
    await page.close();
  }
  await ctx.close();
}
await browser.close();
