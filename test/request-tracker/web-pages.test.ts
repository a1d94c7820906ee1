import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { requestTracker } from '../../connectors/request-tracker';
import type { ContactCenter } from '../../connectors/contact-center';
import { describeWithRequestTracker, startRequestTracker, type RequestTrackerServer } from '../support/request-tracker';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const possible = existsSync(CHROMIUM) || process.env.CI === 'true';
const inBrowser = (name: string, run: () => Promise<void>, timeout: number) =>
  possible ? test(name, run, timeout) : test.skip(`${name} (skipped: there is no ${CHROMIUM})`, run);

describeWithRequestTracker("Agents in Request Tracker's own web pages", () => {
  let rt: RequestTrackerServer;
  let contactCenter: ContactCenter;
  let browser: Browser;

  beforeAll(async () => {
    rt = await startRequestTracker();
    const { baseUrl, username, password } = rt;
    const settings = requestTracker.settings.parse({ kind: 'request-tracker', baseUrl, username, password });
    contactCenter = requestTracker.create(settings as { kind: string }, { account: 'main' });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await rt?.stop();
  });

  inBrowser(
    'an answer written and resolved on one page reaches the end user as text, and then the case is closed',
    async () => {
      const key = 'handoff:main:web#0123456789ab';
      const ref = await contactCenter.openCase({
        key,
        subject: 'Chat',
        priority: 'NORMAL',
        customer: { id: 'web', name: 'Zoë' },
        tags: [],
        attributes: {},
        transcript: { entries: [] },
      });
      const cursor = await contactCenter.startCursor!();
      const page = await browser.newPage();
      await page.goto(ref.url!);
      await page.fill('input[name=user]', rt.agent.username);
      await page.fill('input[name=pass]', rt.agent.password);
      await page.click('input[type=submit]');
      await page.goto(`${rt.baseUrl}/Ticket/Update.html?Action=Respond&DefaultStatus=resolved&id=${ref.id}`);
      const editor = page.frameLocator('iframe.cke_wysiwyg_frame').locator('body');
      await editor.pressSequentially('Grüße – 5 € & „done“.');
      await editor.press('Enter');
      await editor.pressSequentially('Bye!');
      await page.click('input[name=SubmitTicket]');
      await page.waitForURL(/Display\.html/);
      const { events } = await contactCenter.poll!(cursor);
      expect(events).toMatchObject([
        {
          type: 'agent-message',
          caseKey: key,
          message: { content: { kind: 'text', text: 'Grüße – 5 € & „done“.\n\nBye!' } },
        },
        { type: 'case-closed', caseKey: key },
      ]);
    },
    120_000,
  );
});
