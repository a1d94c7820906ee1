import type { Browser } from 'playwright-core';
import { startApi, type RunningApi } from '../../support/api-fakes';
import { describeWith } from '../../support/parts';
import { chromiumMissing, startChromium } from './chromium';
import { faintTexts } from './contrast';

describeWith(chromiumMissing, 'the API documentation at /docs', () => {
  let browser: Browser;
  let api: RunningApi;

  beforeAll(async () => {
    [browser, api] = await Promise.all([startChromium(), startApi()]);
  });
  afterAll(async () => {
    await browser?.close();
    await api?.stop();
  });

  test.each(['light', 'dark'] as const)(
    'can be read in the %s scheme, under its own content policy',
    async (colorScheme) => {
      const page = await browser.newPage({ colorScheme });
      const errors: string[] = [];
      page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
      page.on('pageerror', ({ message }) => void errors.push(message));
      await page.goto(`${api.url}/docs`);
      await page.locator('.opblock-summary-path').first().waitFor();
      expect(await page.locator('.info h1').innerText()).toBe('Durable Handoff API');
      expect(await page.locator('.topbar').count()).toBe(0);
      expect(await page.locator('.opblock-tag').allInnerTexts()).toEqual([
        'Handoffs',
        'Webhooks',
        'Files and operations',
      ]);
      expect(await faintTexts(page)).toEqual([]);
      expect(errors).toEqual([]);
      await page.close();
    },
  );
});
