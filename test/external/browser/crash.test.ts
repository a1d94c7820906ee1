import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startControlServer, type ControlServer } from '../../../sandbox/launch/control';
import type { ProcessEvent, ProcessesView } from '../../../sandbox/launch/supervisor';
import { startSandboxWithFakeApi, type SandboxWithFakeApi } from '../../sandbox/sandbox-with-fake-api';
import { describeWith } from '../../support/parts';
import { chromiumMissing, startChromium } from './chromium';
import { faintTexts } from './contrast';
import { fitsOnScreen, goTo, openPage, shows } from './visitor';

const SMALL = { width: 360, height: 640 };

describeWith(chromiumMissing, 'the buttons that kill a process', () => {
  let browser: Browser;
  let control: ControlServer;
  let fake: SandboxWithFakeApi;
  let states: Record<'worker' | 'temporal', 'running' | 'killed'>;
  let events: ProcessEvent[];
  const mistakes: string[] = [];

  beforeAll(async () => {
    const supervisor = { view, kill };
    [browser, control] = await Promise.all([
      startChromium(),
      startControlServer({ id: 'run', token: 'secret', supervisor }),
    ]);
    fake = await startSandboxWithFakeApi({ SANDBOX_CONTROL_URL: control.url, SANDBOX_CONTROL_TOKEN: 'secret' });
  });
  beforeEach(() => {
    fake.reset();
    states = { worker: 'running', temporal: 'running' };
    events = [];
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(mistakes).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await fake?.stop();
    await control?.close();
  });

  function view(): ProcessesView {
    const since = new Date().toISOString();
    return {
      processes: Object.entries(states).map(([name, state]) => ({ name, state, since, killable: true })),
      events,
    };
  }

  function kill(name: string) {
    states[name as 'worker'] = 'killed';
    record(name, 'killed');
    return 'killed' as const;
  }

  function record(process: string, event: ProcessEvent['event']): void {
    events = [...events, { at: new Date().toISOString(), process, event }];
  }

  function comesBack(name: 'worker' | 'temporal'): void {
    states[name] = 'running';
    record(name, 'restarted');
  }

  const open = (options: BrowserContextOptions = {}): Promise<Page> =>
    openPage(browser, `${fake.url}/?endUser=visitor`, mistakes, options);
  const worker = '.kill[data-process=worker]';

  test('say at once what happens to it, to the eye and to a screen reader, until it is back', async () => {
    const page = await open();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/processes/worker/kill', async (route) => {
      await held;
      await route.continue();
    });
    await page.click(worker);
    await shows(page, worker, 'Stopping the worker …');
    await shows(page, '#crash-status[role=status]', 'Stopping the worker …');
    expect(await page.locator(worker).getAttribute('aria-disabled')).toBe('true');
    await page.click(worker, { force: true });
    release();
    await shows(page, worker, 'Restarting the worker …');
    await shows(page, '#crash-status', 'Restarting the worker …');
    await shows(page, '#crash-log', 'Worker killed');
    expect(await faintTexts(page)).toEqual([]);
    comesBack('worker');
    await shows(page, worker, 'Kill the worker (kill -9)');
    await shows(page, '#crash-log', 'restarted');
    expect(await page.locator('#crash-status').innerText()).toBe('');
    expect(events.map(({ event }) => event)).toEqual(['killed', 'restarted']);
  });

  test('can be pressed again when the process could not be killed', async () => {
    const page = await open();
    await page.route('**/processes/worker/kill', (route) => route.fulfill({ status: 502, json: { detail: 'No.' } }));
    await page.click(worker);
    await shows(page, '#problem:visible', 'No.');
    await shows(page, worker, 'Kill the worker (kill -9)');
    expect(await page.locator(worker).getAttribute('aria-disabled')).toBe('false');
  });

  test.each(['light', 'dark'] as const)(
    'leave the messages their room on a small %s screen, and are there for the keyboard',
    async (colorScheme) => {
      const { conversationId } = fake.sandbox.infobip.endUsers.receive({ from: 'visitor', text: 'Message 1' });
      const at = new Date().toISOString();
      const ids = Array.from(
        { length: 12 },
        (_, i) => fake.sandbox.infobip.endUsers.receive({ from: 'visitor', text: `Message ${i + 2}` }).messageId,
      );
      const messages = ids.map((id) => ({ id, direction: 'inbound', at, deliveryStatus: 'delivered' }));
      const handoffId = `handoff:main:${conversationId}`;
      fake.answer = { status: 200, body: { handoffId, state: 'connected', representative: 'HUMAN', messages } };

      const page = await open({ viewport: SMALL, colorScheme, reducedMotion: 'reduce' });
      await page.locator('[name=view][value=handoff]').check({ force: true });
      await page.locator('#deliveries li').nth(11).waitFor();
      expect(await page.locator(worker).isVisible()).toBe(false);
      const room = (await page.locator('.scroll').boundingBox())!.height;
      expect(room).toBeGreaterThan(SMALL.height / 2);

      await goTo(page, '#crash summary');
      await page.keyboard.press('Enter');
      await goTo(page, worker);
      await fitsOnScreen(page, worker, SMALL);
      await page.keyboard.press('Enter');
      await shows(page, worker, 'Restarting the worker …');
      await shows(page, '#crash-log', 'Worker killed');
      expect(await page.locator(`${worker}:focus`).count()).toBe(1);
      expect(await faintTexts(page)).toEqual([]);
    },
  );
});
