import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { freePort } from '../../../sandbox/launch/ports';
import { findTemporalBinary } from '../../../sandbox/launch/temporal-binary';
import { eventually } from '../../support/eventually';
import { describeWith } from '../../support/parts';
import { chromiumMissing, startChromium } from './chromium';
import { faintTexts } from './contrast';
import { goTo, openPage, shows, write } from './visitor';

const ROOT = join(__dirname, '..', '..', '..');

/** On a machine where nothing is cached, downloads fail, and Go builds the Temporal server. */
describeWith(chromiumMissing, 'npm start with an empty home folder', () => {
  jest.setTimeout(240_000);

  let folder: string;
  let url: string;
  let start: ChildProcess;
  let output = '';
  let browser: Browser;
  let page: Page;
  const mistakes: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'npm-start-'));
    const env = await environment(folder);
    url = `http://127.0.0.1:${env.SANDBOX_PORT}`;
    start = spawn(process.execPath, ['--import', 'tsx', 'sandbox/start.ts'], { cwd: ROOT, env });
    for (const stream of [start.stdout!, start.stderr!]) stream.on('data', (data: Buffer) => (output += String(data)));
    browser = await startChromium();
    await eventually('npm start is ready', isReady, { withinMs: 180_000, everyMs: 500 });
  });

  afterAll(async () => {
    await browser?.close();
    if (start?.exitCode === null) {
      start.kill('SIGTERM');
      await once(start, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  function isReady(): true | undefined {
    if (start.exitCode !== null) throw new Error(output);
    return output.includes(`Try it        ${url}`) ? true : undefined;
  }

  test('stays up after Go has built the Temporal server', async () => {
    expect(output).toContain('Building it with Go');
    await sleep(3_000);
    expect(start.exitCode).toBeNull();
    expect(output).not.toContain('ended by itself');
    expect((await fetch(url)).status).toBe(200);
  });

  test('brings a killed worker back, and what was typed meanwhile arrives', async () => {
    page = await openPage(browser, `${url}/?endUser=visitor`, mistakes);
    page.setDefaultTimeout(100_000);
    await write(page, '#phone-text', 'I want a person');
    await shows(page, '#steps [aria-current]', 'waiting');
    await page.locator('#close-case:enabled').waitFor();

    await page.getByRole('button', { name: 'Kill the worker (kill -9)' }).click();
    await shows(page, '#crash-log', 'Worker killed');
    await write(page, '#phone-text', 'Typed without a worker.');
    await shows(page, '#phone-log .bubble', 'Typed without a worker.');
    await shows(page, '#problem[data-stale]', 'Not up to date since');
    await shows(page, '[data-stale=handoff] #steps [aria-current]', 'waiting');
    expect(await faintTexts(page)).toEqual([]);

    await shows(page, '#crash-log', 'restarted');
    await shows(page, '#desk-log .bubble', 'Typed without a worker.');
    await shows(page, '#phone-log .delivery-status', 'Delivered');
    await page.locator('#problem').waitFor({ state: 'hidden' });
    expect(await page.locator('main[data-stale]').count()).toBe(0);
  });

  test('brings a killed Temporal back with all that it knew, by keyboard alone', async () => {
    await goTo(page, '.kill[data-process=temporal]');
    await page.keyboard.press('Enter');
    await shows(page, '#crash-log', 'Temporal killed');
    expect(await page.locator('.kill[data-process=temporal]:focus').getAttribute('aria-disabled')).toBe('true');
    await write(page, '#phone-text', 'Typed without Temporal.');
    await write(page, '#desk-text', 'Answered without Temporal.');
    await eventually(
      'both are back',
      async () => ((await page.locator('#crash-log [data-back=true]').count()) === 2 ? true : undefined),
      { withinMs: 100_000 },
    );
    await shows(page, '#desk-log .bubble', 'Typed without Temporal.');
    await shows(page, '#phone-log .bubble', 'Answered without Temporal.');
    const texts = await page.locator('#desk-log [data-author=end-user]:not([data-past]) .bubble').allInnerTexts();
    expect(texts).toEqual(['Typed without a worker.', 'Typed without Temporal.']);
    await page.click('#close-case');
    await shows(page, '#steps [aria-current]', 'closed');
    expect(mistakes).toEqual([]);
  });

  test('ends everything on SIGTERM', async () => {
    start.kill('SIGTERM');
    const [code] = (await once(start, 'exit')) as [number];
    expect(code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });
});

async function environment(folder: string): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = {};
  for (const name of ['API_PORT', 'SANDBOX_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT']) {
    env[name] = String(await freePort());
  }
  // A proxy that nobody listens on makes every download fail, on each machine alike.
  const noDownload = {
    HTTPS_PROXY: 'http://127.0.0.1:1',
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  };
  return {
    ...env,
    ...noDownload,
    HOME: join(folder, 'home'),
    PATH: await fakeGo(folder),
    SANDBOX_DATA: join(folder, 'data'),
  };
}

/** A folder for the PATH whose `go install` copies the Temporal server that this machine has. */
async function fakeGo(folder: string): Promise<string> {
  const temporal = await findTemporalBinary({ env: process.env, report: () => undefined });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'go'), `#!/bin/sh\n/bin/cp '${temporal}' "$GOBIN/temporal"\n`);
  chmodSync(join(bin, 'go'), 0o755);
  return bin;
}
