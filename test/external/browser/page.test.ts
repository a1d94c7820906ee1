import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { sandboxEnvironment } from '../../../sandbox/launch/environment';
import { freePort } from '../../../sandbox/launch/ports';
import { createSandboxServer, optionsFrom } from '../../../sandbox/server';
import { describeWith } from '../../support/parts';
import { chromiumMissing, startChromium } from './chromium';
import { faintTexts } from './contrast';
import { startSandboxedService, type SandboxedService } from './sandboxed-service';
import { fitsOnPhone, goTo, openPage, shows, write } from './visitor';

describeWith(chromiumMissing, 'the sandbox page', () => {
  let browser: Browser;
  let service: SandboxedService;
  let mistakes: string[];

  beforeAll(async () => {
    [browser, service] = await Promise.all([startChromium(), startSandboxedService('main')]);
  });
  beforeEach(() => (mistakes = []));
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(mistakes).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  /** The page for a new end user. */
  function open(options: BrowserContextOptions = {}, url = service.url): Promise<Page> {
    return openPage(browser, `${url}/?endUser=visitor-${Math.random()}`, mistakes, options);
  }

  async function handOver(page: Page): Promise<void> {
    await write(page, '#phone-text', 'Where is my order?');
    await shows(page, '#phone-log [data-author=bot]', 'warehouse');
    await write(page, '#phone-text', 'I want a person');
    await shows(page, '#steps [aria-current]', 'waiting');
    await page.locator('#close-case:enabled').waitFor({ state: 'attached' });
  }

  test('an end user is handed from the bot to an agent and back', async () => {
    const page = await open();
    await handOver(page);
    await shows(page, '#bot dd', 'paused');
    await shows(page, '#representative .hint', 'until an agent joins');
    await shows(page, '#desk-log [data-past]', 'Where is my order?');

    await page.click('#presence');
    await write(page, '#desk-text', 'Hello, this is Ana.');
    await shows(page, '#phone-log .bubble', 'Hello, this is Ana.');
    await shows(page, '#desk-log [data-mine] .delivery-status', 'Delivered');
    await shows(page, '#representative dd', 'HUMAN');

    await write(page, '#phone-text', 'Thank you, Ana.');
    await shows(page, '#desk-log .bubble', 'Thank you, Ana.');
    await shows(page, '#deliveries li', 'Delivered');

    await page.getByLabel('Note', { exact: true }).check({ force: true });
    await write(page, '#desk-text', 'The carrier lost it.');
    await shows(page, '#desk-log [data-author=note]', 'The carrier lost it.');

    await page.click('#close-case');
    await shows(page, '#steps [aria-current]', 'closed');
    await shows(page, '#bot dd', 'listening');
    await shows(page, '#phone-log .moment', 'Conversation closed');
    expect(await page.locator('#phone-log').innerText()).not.toContain('The carrier lost it.');

    await write(page, '#phone-text', 'Hello?');
    await shows(page, '#phone-log li:last-child[data-author=bot]', 'Hello!');
  });

  test('the agent sees who writes', async () => {
    const page = await openPage(browser, `${service.url}/?endUser=385915550142`, mistakes);
    await handOver(page);
    const name = await page.locator('#end-user option:checked').innerText();
    expect(await page.locator('#contact').innerText()).toBe(`${name} 385915550142`);
  });

  test('a closed case stays on the desk, dimmed, and can be reached when there is a new one', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await handOver(page);
    await write(page, '#desk-text', 'It arrives today.');
    await shows(page, '#deliveries .delivery-status', 'Delivered');
    await page.click('#close-case');
    await shows(page, '#steps [aria-current]', 'closed');
    await shows(page, '#phone-log .moment', 'Conversation closed');
    await write(page, '#phone-text', 'Hello?');
    await shows(page, '#phone-log li:last-child[data-author=bot]', 'Hello!');
    await shows(page, '#handoff-id', 'None yet');
    await shows(page, '#desk[data-closed] .bubble', 'It arrives today.');
    expect(await faintTexts(page)).toEqual([]);

    await write(page, '#phone-text', 'I want a person');
    await page.locator('#close-case:enabled').waitFor();
    expect(await page.locator('#desk-log').innerText()).not.toContain('It arrives today.');
    const earlier = await page.locator('#case option').nth(1).getAttribute('value');
    await page.selectOption('#case', earlier);
    await shows(page, '#desk[data-closed] .bubble', 'It arrives today.');
    await shows(page, '#desk-log .moment', 'Case closed');
    expect(await page.locator('#desk-text').isDisabled()).toBe(true);
  });

  test('after a transfer, the list of messages still shows what was written in the first case', async () => {
    const page = await open();
    await handOver(page);
    await write(page, '#desk-text', 'I will transfer you.');
    await shows(page, '#deliveries .delivery-status', 'Delivered');
    const first = await page.locator('#case-line').innerText();
    const handoffId = await page.locator('#handoff-id').innerText();
    await service.transfer(handoffId, { to: 'desk', queue: 'Refunds' });
    await shows(page, '#case-tags', 'Refunds');
    expect(await page.locator('#case-line').innerText()).not.toBe(first);
    await shows(page, '#deliveries .text', 'I will transfer you.');
  });

  test('the end user ends the handoff with a suggestion', async () => {
    const page = await open();
    await handOver(page);
    await page.getByRole('button', { name: '/end' }).click();
    await shows(page, '#said', 'The end user ended it.');
    await shows(page, '#case-line', 'closed');
  });

  test('what every webhook brings twice is shown once', async () => {
    const page = await open();
    await page.locator('.faults summary').click();
    await page.selectOption('#platform-faults', 'twice');
    await page.selectOption('#desk-faults', 'twice');
    await handOver(page);
    await write(page, '#desk-text', 'Only once.');
    await shows(page, '#desk-log .delivery-status', 'Delivered');
    await write(page, '#phone-text', 'Also once.');
    await shows(page, '#phone-log .delivery-status', 'Delivered');
    expect(await page.locator('#phone-log .bubble', { hasText: 'Only once.' }).count()).toBe(1);
    expect(await page.locator('#desk-log .bubble', { hasText: 'Also once.' }).count()).toBe(1);
    await page.selectOption('#platform-faults', 'normal');
    await page.selectOption('#desk-faults', 'normal');
  });

  test('everything can be done by keyboard alone, and the focus is always seen', async () => {
    const page = await open();
    await goTo(page, '#phone-text');
    await page.keyboard.type('I want a person');
    await page.keyboard.press('Enter');
    await page.locator('#close-case:enabled').waitFor();
    await goTo(page, '#presence');
    await page.keyboard.press('Space');
    await shows(page, '#presence', 'Leave');
    await goTo(page, '#desk-text');
    await page.keyboard.type('First line');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second line');
    await page.keyboard.press('Enter');
    await shows(page, '#phone-log .bubble', 'First line\nsecond line');
    await goTo(page, '#close-case', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await shows(page, '#steps [aria-current]', 'closed');
  });

  test('on a phone each part has the screen to itself and nothing is wider than it', async () => {
    const page = await open({ viewport: { width: 390, height: 844 } });
    await handOver(page);
    await write(page, '#phone-text', `https://example.com/${'long'.repeat(60)}`);
    await shows(page, '#phone-log .delivery-status', 'Delivered');
    for (const [view, control] of [
      ['phone', '#phone-text'],
      ['handoff', '#workflow'],
      ['desk', '#desk-text'],
    ] as const) {
      await page.locator(`[name=view][value=${view}]`).check({ force: true });
      expect(await page.locator('main > section:visible').count()).toBe(1);
      await fitsOnPhone(page, control);
    }
  });

  test.each(['light', 'dark'] as const)(
    'each text stands out from its ground in the %s scheme',
    async (colorScheme) => {
      const page = await open({ colorScheme, reducedMotion: 'reduce' });
      expect(await faintTexts(page)).toEqual([]);
      await handOver(page);
      await write(page, '#desk-text', 'Hello, this is Ana.');
      await shows(page, '#deliveries .delivery-status', 'Delivered');
      await page.getByLabel('Note', { exact: true }).check({ force: true });
      await write(page, '#desk-text', 'A note.');
      await shows(page, '#desk-log [data-author=note]', 'A note.');
      expect(await faintTexts(page)).toEqual([]);
    },
  );

  test('an empty page says what to do next', async () => {
    const page = await open();
    expect(await page.locator('#phone-empty').innerText()).toContain('I want a person');
    expect(await page.locator('#desk-empty').innerText()).toContain('case opens here');
    expect(await page.locator('#desk-text').isDisabled()).toBe(true);
  });

  test('what a message holds is shown as text and never run', async () => {
    const page = await open();
    const markup = '<img src=x onerror="document.title=1"><b>bold</b>';
    await write(page, '#phone-text', markup);
    await shows(page, '#phone-log .bubble', markup);
    expect(await page.title()).toBe('Durable Handoff · Sandbox');
  });

  test('what cannot be sent is reported and stays in the field', async () => {
    const page = await open();
    await page.route('**/sandbox/messages', (route) => route.abort());
    await write(page, '#phone-text', 'Hello');
    await shows(page, '#problem:visible', 'does not answer');
    expect(await page.inputValue('#phone-text')).toBe('Hello');
  });

  test('an API that cannot be reached is reported until it is back', async () => {
    const [API_PORT, SANDBOX_PORT] = [await freePort(), await freePort()];
    const ports = { API_PORT, SANDBOX_PORT, TEMPORAL_PORT: 7233, TEMPORAL_UI_PORT: 8233 };
    const sandbox = createSandboxServer(optionsFrom(sandboxEnvironment(ports, join(__dirname, '..', '..', '..'))));
    const api = createServer((_req, res) => void res.writeHead(404, { 'content-type': 'application/json' }).end('{}'));
    try {
      const page = await open({}, await sandbox.listen(SANDBOX_PORT));
      await write(page, '#phone-text', 'Hello');
      await shows(page, '#problem:visible', 'cannot be reached');
      await write(page, '#phone-text', 'I want a person');
      await shows(page, '#phone-log [data-author=bot]', 'cannot reach anybody');
      await shows(page, '#bot dd', 'listening');
      api.listen(API_PORT, '127.0.0.1');
      await once(api, 'listening');
      await page.locator('#problem').waitFor({ state: 'hidden' });
    } finally {
      await sandbox.close();
      api.closeAllConnections();
      api.close();
    }
  });
});
