import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadSettings } from '../../settings/load';
import { startChild, type Child } from '../../sandbox/launch/child';
import { sandboxEnvironment } from '../../sandbox/launch/environment';
import { checkPorts, freePort, readPorts, startCommand } from '../../sandbox/launch/ports';
import { ChildEnded, firstToEnd, untilReady } from '../../sandbox/launch/ready';
import { findTemporalBinary } from '../../sandbox/launch/temporal-binary';
import { terminalLine } from '../../sandbox/launch/terminal';

const ROOT = join(__dirname, '..', '..');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'launch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('ports', () => {
  test('have defaults and can be moved', () => {
    expect(readPorts({ SANDBOX_PORT: '4100', API_PORT: '' })).toEqual({
      API_PORT: 3000,
      SANDBOX_PORT: 4100,
      TEMPORAL_PORT: 7233,
      TEMPORAL_UI_PORT: 8233,
    });
  });

  test.each(['abc', '0', '70000', '30.5', '-1'])('are refused by name when they are %s', (value) => {
    expect(() => readPorts({ API_PORT: value })).toThrow(`API_PORT is '${value}'`);
  });

  test('are refused when two are the same', () => {
    expect(() => readPorts({ API_PORT: '3100' })).toThrow('API_PORT and SANDBOX_PORT are both 3100');
  });

  test('that other programs have are all named in one message, with one command that moves them', async () => {
    const [one, api] = await listening();
    const [other, temporal] = await listening('127.0.0.1');
    const free = { SANDBOX_PORT: await freePort(), TEMPORAL_UI_PORT: await freePort() };
    const ports = { ...free, API_PORT: api, TEMPORAL_PORT: temporal };
    const message = await checkPorts(ports).then(
      () => '',
      ({ message }: Error) => message,
    );
    expect(message).toContain(`${api}  for the API`);
    expect(message).toContain(`${temporal}  for the Temporal server`);
    const [, API_PORT, TEMPORAL_PORT] = /^ {2}API_PORT=(\d+) TEMPORAL_PORT=(\d+) npm start$/m.exec(message)!;
    await expect(
      checkPorts({ ...free, API_PORT: Number(API_PORT), TEMPORAL_PORT: Number(TEMPORAL_PORT) }),
    ).resolves.toBe(undefined);
    await Promise.all([one, other].map((server) => new Promise((resolve) => server.close(resolve))));
    await expect(checkPorts(ports)).resolves.toBeUndefined();
  });

  test('are moved by a command that keeps all else that this run was given', () => {
    const env = { SANDBOX_DATA: "/tmp/it's mine", SANDBOX_CONFIG: '', API_PORT: '4000', RT_PASSWORD: 'hunter2' };
    expect(startCommand({ SANDBOX_PORT: 3101 }, env)).toBe(
      `SANDBOX_DATA='/tmp/it'\\''s mine' API_PORT=4000 SANDBOX_PORT=3101 npm start`,
    );
    expect(startCommand({ API_PORT: 4001 }, { API_PORT: '4000' })).toBe('API_PORT=4001 npm start');
  });

  test('may take a moment to become free, after a crash', async () => {
    const [server, API_PORT] = await listening();
    const [SANDBOX_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT] = [await freePort(), await freePort(), await freePort()];
    setTimeout(() => server.close(), 300);
    await expect(checkPorts({ API_PORT, SANDBOX_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT }, {}, 10_000)).resolves.toBe(
      undefined,
    );
  });
});

describe('the scripts of npm start and npm run sandbox', () => {
  test('are commands of any shell', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const name of ['start', 'sandbox']) expect(scripts[name]).toMatch(/^node [\w -]+ [\w/.]+$/);
  });
});

describe('the settings of the sandbox', () => {
  test('are complete with the environment that npm start gives', () => {
    const ports = readPorts({ API_PORT: '4000' });
    const settings = loadSettings(sandboxEnvironment(ports, ROOT));
    expect(settings.api).toMatchObject({ port: 4000, host: '127.0.0.1', publicUrl: 'http://127.0.0.1:4000' });
    expect(Object.keys(settings.accounts)).toContain('main');
  });
});

describe('a child', () => {
  const start = (script: string): Child =>
    startChild({ name: 'child', command: process.execPath, args: ['-e', script], logFile: join(folder, 'child.log') });
  const printed = async (child: Child, line: string) =>
    untilReady(child, () => Promise.resolve(child.lastLines().includes(line)), 10_000);

  test('is asked to end, and may do so in its own way', async () => {
    const child = start(`
      process.on('SIGTERM', () => { console.log('bye'); process.exit(3); });
      setInterval(() => {}, 1000); console.log('up');`);
    await printed(child, 'up');
    await child.stop();
    expect(await child.ended).toBe(3);
    expect(child.lastLines()).toEqual(['up', 'bye']);
    await sleep(50);
    expect(readFileSync(child.logFile, 'utf8')).toBe('up\nbye\n');
  });

  test('is killed when it does not end in time', async () => {
    const child = start(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log(process.pid);`);
    await untilReady(child, () => Promise.resolve(child.lastLines().length > 0), 10_000);
    await child.stop(100);
    await goneSoon(Number(child.lastLines()[0]));
  });

  test('stands still while it is paused, goes on from there, and ends even then', async () => {
    const child = start(`let n = 0; setInterval(() => console.log(++n), 20);`);
    await untilReady(child, () => Promise.resolve(child.lastLines().length > 0), 10_000);
    const latest = () => Number(child.lastLines().at(-1));
    child.pause();
    await sleep(100);
    const paused = latest();
    await sleep(300);
    expect(latest()).toBe(paused);
    child.resume();
    await untilReady(child, () => Promise.resolve(latest() > paused), 10_000);
    child.pause();
    await child.stop();
    expect(await child.ended).toBeGreaterThan(0);
  });

  test('whose program is missing ends with the reason', async () => {
    const child = startChild({
      name: 'child',
      command: join(folder, 'gone'),
      args: [],
      logFile: join(folder, 'child.log'),
    });
    expect(await child.ended).toBe(127);
    expect(child.lastLines()).toEqual([expect.stringContaining('ENOENT')]);
  });

  test('is started without a shell', async () => {
    const echo = startChild({
      name: 'echo',
      command: process.execPath,
      args: ['-p', 'process.argv[1]', '$(exit 1) "; *'],
      logFile: join(folder, 'echo.log'),
    });
    expect(await echo.ended).toBe(0);
    expect(echo.lastLines()).toEqual(['$(exit 1) "; *']);
  });

  test('ends with its parent, even when that is killed', async () => {
    const module = join(__dirname, '..', '..', 'sandbox', 'launch', 'child');
    const parent = startChild({
      name: 'parent',
      command: process.execPath,
      args: [
        ...['--import', 'tsx', '-e'],
        `const { startChild } = require(${JSON.stringify(module)});
         console.log(process.pid);
         const grandchild = 'console.log(process.pid); setInterval(() => {}, 1000)';
         startChild({ name: 'grandchild', command: process.execPath, args: ['-e', grandchild], logFile: ${JSON.stringify(join(folder, 'grandchild.log'))}, onLine: console.log });`,
      ],
      cwd: join(__dirname, '..', '..'),
      logFile: join(folder, 'parent.log'),
    });
    await untilReady(parent, () => Promise.resolve(parent.lastLines().length >= 2), 30_000);
    const [parentId, grandchildLine] = parent.lastLines();
    process.kill(Number(parentId), 'SIGKILL');
    await goneSoon(parseInt(grandchildLine ?? '', 10));
    await parent.stop();
  });

  test('that ends by itself is reported with its last lines', async () => {
    const child = start(`console.error('no settings'); process.exit(7)`);
    await expect(firstToEnd([child])).rejects.toThrow(ChildEnded);
    await expect(firstToEnd([child])).rejects.toThrow(/child ended by itself \(exit code 7\).*\n {2}no settings/);
  });

  test('that is not ready in time is an error', async () => {
    const child = start(`setInterval(() => {}, 1000)`);
    await expect(untilReady(child, () => Promise.reject(new Error('refused')), 200)).rejects.toThrow(
      'not ready within 0.2 s',
    );
    await child.stop();
  });
});

describe('the Temporal server', () => {
  const program = (path: string) => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '#!/bin/sh\n');
    chmodSync(path, 0o755);
    return path;
  };
  const find = (env: NodeJS.ProcessEnv) => findTemporalBinary({ env, report: () => undefined });

  test('is the one that is named, else the one on the PATH, else the one in the cache', async () => {
    const named = program(join(folder, 'named', 'temporal-1.2'));
    const installed = program(join(folder, 'path', 'temporal'));
    const cached = program(join(folder, 'cache', 'durable-handoff', 'bin', 'temporal'));
    const all = { TEMPORAL_CLI_PATH: named, PATH: join(folder, 'path'), XDG_CACHE_HOME: join(folder, 'cache') };
    expect(await find(all)).toBe(named);
    expect(await find({ ...all, TEMPORAL_CLI_PATH: '' })).toBe(installed);
    expect(await find({ ...all, TEMPORAL_CLI_PATH: undefined, PATH: '/nowhere' })).toBe(cached);
    expect(existsSync(installed)).toBe(true);
  });

  test('is not silently another one when the named one is not there', async () => {
    await expect(find({ TEMPORAL_CLI_PATH: join(folder, 'gone'), PATH: process.env.PATH })).rejects.toThrow(
      /^TEMPORAL_CLI_PATH is '.*gone', which is not a program/,
    );
  });
});

describe('the terminal', () => {
  test('shows warnings and errors of a log, and leaves the rest to the files', () => {
    expect(terminalLine('api', '{"level":"info","msg":"listening"}', 'stdout')).toBeUndefined();
    expect(terminalLine('api', '{"level":"warn","msg":"late"}', 'stdout')).toBe('[api] warn: late');
    expect(terminalLine('api', '{"level":"error","msg":"failed","err":{"message":"no"}}', 'stdout')).toBe(
      '[api] error: failed: no',
    );
  });

  test('names where something failed and why', () => {
    const line = (entry: object) => terminalLine('worker', JSON.stringify({ level: 'warn', ...entry }), 'stdout');
    const call = { account: 'main', connection: 'desk', handoffId: 'handoff:main:7', call: 'append' };
    expect(line({ msg: 'a vendor call keeps failing', ...call, reason: 'The desk: append answered 503' })).toBe(
      '[worker] warn: a vendor call keeps failing (main/desk, append, handoff:main:7): The desk: append answered 503',
    );
    const request = { account: 'main', route: '/v1/handoffs', reason: 'Temporal cannot be reached.', cause: 'refused' };
    expect(line({ msg: 'request failed', ...request })).toBe(
      '[worker] warn: request failed (main, /v1/handoffs): Temporal cannot be reached. refused',
    );
  });

  test('shows what a process says before it has a log', () => {
    expect(terminalLine('api', 'The settings cannot be used', 'stderr')).toBe('[api] The settings cannot be used');
    expect(terminalLine('api', 'The settings are fine', 'stdout')).toBeUndefined();
    expect(terminalLine('api', '{ not: json', 'stderr')).toBe('[api] { not: json');
  });
});

async function listening(host?: string): Promise<[Server, number]> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return [server, (server.address() as { port: number }).port];
}

/** Fails where the process lives on. */
async function goneSoon(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(1);
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(50);
  }
  throw new Error(`process ${pid} is still there`);
}
