import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { eventually } from '../../support/eventually';
import { describeWith } from '../../support/parts';
import { chromiumMissing, startChromium } from './chromium';
import { faintTexts } from './contrast';
import { startSandboxedService, type SandboxedService } from './sandboxed-service';
import { fitsOnPhone, goTo, openPage, shows, write } from './visitor';

describeWith(chromiumMissing, 'the sandbox page with Business Messages', () => {
  let browser: Browser;
  let service: SandboxedService;
  let mistakes: string[];

  beforeAll(async () => {
    [browser, service] = await Promise.all([startChromium(), startSandboxedService('business')]);
  });
  beforeEach(() => (mistakes = []));
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(mistakes).toEqual([]);
    const { journal } = service.sandbox.businessMessages;
    expect(journal.since().filter(({ kind }) => kind === 'breach')).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
  });

  /** The second phone, in the hands of a new end user. */
  function open(options: BrowserContextOptions = {}): Promise<Page> {
    const query = new URLSearchParams({ platform: 'business-messages', endUser: `visitor-${Math.random()}` });
    return openPage(browser, `${service.url}/?${query.toString()}`, mistakes, options);
  }

  async function handOver(page: Page): Promise<void> {
    await write(page, '#phone-text', 'I have a problem');
    await shows(page, '#steps [aria-current]', 'waiting');
    await page.locator('#close-case:enabled').waitFor({ state: 'attached' });
  }

  /** Each line of the phone as it is read: who, what, and whether there is a face that can be seen. */
  function phoneLines(page: Page): Promise<[who: string, said: string, face: string][]> {
    return page.evaluate(`[...document.querySelectorAll('#phone-log > li')].map((line) => {
      const image = line.querySelector('img');
      const face = image ? image.src.split('/').at(-1) + (image.naturalWidth > 0 ? '' : ' (broken)') : '';
      return [line.querySelector('.by b')?.textContent ?? '', (line.querySelector('.bubble') ?? line).textContent, face];
    })`);
  }

  /** A typing indicator is sent now and then, and nobody is held up for one that gets lost. */
  function typeUntilSeen(page: Page, field: string, log: string): Promise<unknown> {
    return eventually(
      `${log} shows the typing in ${field}`,
      async () => {
        await page.locator(field).pressSequentially('a');
        return (await page.locator(`${log} li:last-child .dots`).count()) > 0 ? true : undefined;
      },
      { everyMs: 300 },
    );
  }

  test('the end user sees who speaks: the bot, an agent who joins and leaves, and the bot again', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Where is my order?' }).click();
    await shows(page, '#phone-log [data-author=bot]', 'warehouse');
    await handOver(page);
    await shows(page, '#bot dd', 'paused');
    await shows(page, '#desk-log [data-past]', 'Where is my order?');
    await shows(page, '#phone-log [data-author=bot]', 'An agent will answer you here');

    await page.click('#presence');
    await write(page, '#desk-text', 'Hello, this is Ana.');
    await write(page, '#desk-text', 'How can I help?');
    await shows(page, '#phone-log .bubble', 'How can I help?');
    await shows(page, '#speaker', 'Ana is speaking with you');
    await shows(page, '#representative dd', 'HUMAN');
    await write(page, '#phone-text', 'It was a present.');
    await shows(page, '#desk-log .bubble', 'It was a present.');
    await shows(page, '#phone-log .delivery-status', 'Delivered');

    await page.click('#close-case');
    await shows(page, '#steps [aria-current]', 'closed');
    await shows(page, '#bot dd', 'listening');
    await write(page, '#phone-text', 'Thank you');
    await shows(page, '#phone-log li:last-child[data-author=bot]', 'You are welcome!');

    expect(await phoneLines(page)).toEqual([
      ['', 'Where is my order?', ''],
      ['Shop bot', expect.stringContaining('warehouse'), 'bot.svg'],
      ['', 'I have a problem', ''],
      ['Shop bot', expect.stringContaining('as soon as one is available'), 'bot.svg'],
      ['Shop bot', expect.stringContaining('An agent will answer you here'), 'bot.svg'],
      ['', 'Ana joined', 'ana.svg'],
      ['Ana', 'Hello, this is Ana.', 'ana.svg'],
      ['Ana', 'How can I help?', 'ana.svg'],
      ['', 'It was a present.', ''],
      ['', 'Ana left', 'ana.svg'],
      ['Shop bot', expect.stringContaining('The agent has closed this conversation'), 'bot.svg'],
      ['', 'Thank you', ''],
      ['Shop bot', 'You are welcome!', 'bot.svg'],
    ]);
  });

  test('a tap asks for a person, and the desk shows that there is no history', async () => {
    const page = await open();
    await write(page, '#phone-text', 'Hello');
    await page.getByRole('button', { name: 'Opening hours' }).click();
    await shows(page, '#phone-log [data-author=bot]', '9 am to 8 pm');
    await page.getByRole('button', { name: 'Talk to a person' }).click();
    await shows(page, '#steps [aria-current]', 'waiting');
    await shows(page, '#desk-log [data-past]', 'cannot be read');
    await page.getByRole('button', { name: '/end' }).click();
    await shows(page, '#said', 'The end user ended it.');
    await page.getByRole('button', { name: 'Talk to a person' }).waitFor();
  });

  test('each side sees the other type, and nobody sees a note being written', async () => {
    const page = await open();
    await handOver(page);
    await page.click('#presence');
    await shows(page, '#phone-log .moment', 'Ana joined');
    await shows(page, '#steps [aria-current]', 'connected');

    const sent: string[] = [];
    page.on('request', (request) => void (request.url().endsWith('/typing') && sent.push(request.url())));
    await page.getByLabel('Note', { exact: true }).check({ force: true });
    await page.locator('#desk-text').pressSequentially('Sounds angry');
    await page.getByLabel('Reply', { exact: true }).check({ force: true });
    expect(sent).toEqual([]);
    await typeUntilSeen(page, '#desk-text', '#phone-log');
    await typeUntilSeen(page, '#phone-text', '#desk-log');
    await write(page, '#desk-text', 'Hello');
    await write(page, '#phone-text', 'Hi');
    await shows(page, '#phone-log .bubble', 'Hello');
    await shows(page, '#desk-log .bubble', 'Hi');
    await page.locator('.dots').first().waitFor({ state: 'detached' });
  });

  test('another agent takes over only after the first has left', async () => {
    const page = await open();
    await handOver(page);
    await write(page, '#desk-text', 'Hello from Ana.');
    await shows(page, '#phone-log .bubble', 'Hello from Ana.');
    await page.selectOption('#agent', 'Marko');
    await write(page, '#desk-text', 'Hello from Marko.');
    await shows(page, '#phone-log .bubble', 'Hello from Marko.');
    const lines = (await phoneLines(page)).slice(-5);
    expect(lines.map(([, said, face]) => [said, face])).toEqual([
      ['Ana joined', 'ana.svg'],
      ['Hello from Ana.', 'ana.svg'],
      ['Ana left', 'ana.svg'],
      ['Marko joined', 'marko.svg'],
      ['Hello from Marko.', 'marko.svg'],
    ]);
  });

  test('each platform keeps its phone while the page shows the other', async () => {
    const page = await open();
    await write(page, '#phone-text', 'Hello');
    await shows(page, '#phone-log [data-author=bot]', 'Hello!');
    const seen = page.url();
    await page.getByLabel('Infobip').check({ force: true });
    await shows(page, '#phone-empty', 'I want a person');
    expect(page.url()).toContain('platform=infobip');
    await page.getByLabel('Business Messages').check({ force: true });
    await shows(page, '#phone-log [data-author=bot]', 'Hello!');
    expect(page.url()).toBe(seen);
    await page.reload();
    await shows(page, '#phone-log [data-author=bot]', 'Hello!');
  });

  test('by keyboard alone one chooses the platform, taps what is suggested, and goes on writing', async () => {
    const page = await openPage(browser, `${service.url}/?endUser=visitor-${Math.random()}`, mistakes);
    await goTo(page, '[name=platform]');
    await page.keyboard.press('ArrowRight');
    await shows(page, '#phone-empty', 'I have a problem');
    await goTo(page, '#new-end-user');
    await page.keyboard.press('Enter');
    await page.locator('#phone-text:focus').waitFor();
    await page.locator('#phone-log:empty').waitFor({ state: 'attached' });
    await goTo(page, '#offers button:first-child', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await shows(page, '#phone-log [data-author=bot]', 'warehouse');
    await goTo(page, '#offers [data-action=request-live-agent]', 'Shift+Tab');
    await page.keyboard.press('Space');
    await page.locator('#close-case:enabled').waitFor();
    await page.locator('#phone-text:focus').waitFor();
    await page.keyboard.type('Anybody there?');
    await page.keyboard.press('Enter');
    await shows(page, '#desk-log .bubble', 'Anybody there?');
    await goTo(page, '#close-case');
    await page.keyboard.press('Enter');
    await shows(page, '#steps [aria-current]', 'closed');
  });

  test('the latest message stays in sight: when a view is opened, a keyboard opens, or a phone is turned', async () => {
    const page = await open({ viewport: { width: 390, height: 844 } });
    for (let i = 1; i <= 8; i++) {
      await write(page, '#phone-text', `Hello, ${i}`);
      await shows(page, '#phone-log .bubble', `Hello, ${i}`);
      await page.locator(`#phone-log [data-author=bot] >> nth=${i - 1}`).waitFor();
    }
    await handOver(page);
    const hidden = (log: string) => `(() => {
      const { scrollHeight, scrollTop, clientHeight } = document.getElementById('${log}');
      return scrollHeight > clientHeight ? Math.round(scrollHeight - scrollTop - clientHeight) : 'nothing to scroll';
    })()`;
    const isAtEnd = (log: string) =>
      eventually(`${log} shows its end`, async () => ((await page.evaluate(hidden(log))) === 0 ? true : undefined), {
        withinMs: 5_000,
      });
    await isAtEnd('phone-log');
    await page.locator('[name=view][value=desk]').check({ force: true });
    await isAtEnd('desk-log');
    await page.locator('[name=view][value=phone]').check({ force: true });
    for (const [width, height] of [
      [390, 500],
      [1360, 600],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.evaluate(hidden('phone-log'));
      await isAtEnd('phone-log');
    }
  });

  test.each(['light', 'dark'] as const)(
    'on a phone nothing is wider than it, and in the %s scheme each text stands out from its ground',
    async (colorScheme) => {
      const page = await open({ viewport: { width: 390, height: 844 }, colorScheme, reducedMotion: 'reduce' });
      await handOver(page);
      await page.locator('[name=view][value=desk]').check({ force: true });
      await write(page, '#desk-text', `See https://example.com/${'long'.repeat(60)}`);
      await shows(page, '#phone-log [data-face]', 'https://example.com');
      for (const [view, control] of [
        ['phone', '#phone-text'],
        ['handoff', '#workflow'],
        ['desk', '#desk-text'],
      ] as const) {
        await page.locator(`[name=view][value=${view}]`).check({ force: true });
        await fitsOnPhone(page, control);
        expect(await faintTexts(page)).toEqual([]);
      }
    },
  );
});
