import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../../sandbox/launch/child';
import { startControlServer } from '../../sandbox/launch/control';
import { untilReady } from '../../sandbox/launch/ready';
import { Supervisor, type ProcessSpec } from '../../sandbox/launch/supervisor';
import { findTemporalBinary } from '../../sandbox/launch/temporal-binary';
import { eventually } from '../support/eventually';

const RUNS = `console.log('pid ' + process.pid); setInterval(() => {}, 1000)`;

let folder: string;
let supervisor: Supervisor;
let failure: string | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supervisor-'));
  supervisor = new Supervisor({ pauseMs: 100 });
  failure = undefined;
  supervisor.failure.catch((reason: Error) => (failure = reason.message));
});
afterEach(async () => {
  await supervisor.stop();
  rmSync(folder, { recursive: true, force: true });
});

function nodeProcess(name: string, script = RUNS, killable = true): ProcessSpec {
  const logFile = join(folder, `${name}.log`);
  return {
    name,
    killable,
    start: (again) => startChild({ name, command: process.execPath, args: ['-e', script], logFile, appendLog: again }),
    ready: (child: Child) => untilReady(child, () => Promise.resolve(child.lastLines().length > 0), 10_000),
  };
}

const stateOf = (name: string) => supervisor.view().processes.find((one) => one.name === name)?.state;
const happened = () => supervisor.view().events.map(({ process, event }) => `${process} ${event}`);
const until = (what: string) => eventually(what, () => (happened().includes(what) ? true : undefined));
const pids = (name: string) =>
  readFileSync(join(folder, `${name}.log`), 'utf8')
    .match(/\d+/g)!
    .map(Number);

function isGone(pid: number): boolean {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
}

test('a killed process comes back after a pause, and its log goes on', async () => {
  await supervisor.start(nodeProcess('worker'));
  expect(supervisor.kill('worker')).toBe('killed');
  expect(stateOf('worker')).toBe('killed');
  expect(supervisor.kill('worker')).toBe('not-running');
  await until('worker restarted');
  expect(stateOf('worker')).toBe('running');
  expect(happened()).toEqual(['worker killed', 'worker restarted']);
  const [before, after] = pids('worker');
  expect(after).not.toBe(before);
  await eventually('the killed process is gone', () => isGone(before!));
  expect(failure).toBeUndefined();
});

test('a process that somebody kills with kill -9 comes back as well', async () => {
  await supervisor.start(nodeProcess('worker'));
  process.kill(pids('worker')[0]!, 'SIGKILL');
  await until('worker restarted');
  expect(happened()).toEqual(['worker killed', 'worker restarted']);
  expect(failure).toBeUndefined();
});

test('a process that ends because another one is away comes back with it', async () => {
  await supervisor.start(nodeProcess('temporal'));
  const marker = join(folder, 'end');
  const script = `${RUNS}; setInterval(() => require('fs').existsSync(${JSON.stringify(marker)}) && process.exit(1), 20)`;
  await supervisor.start(nodeProcess('api', script, false));
  supervisor.kill('temporal');
  writeFileSync(marker, '');
  await until('api ended');
  rmSync(marker);
  await until('api restarted');
  await until('temporal restarted');
  expect(failure).toBeUndefined();
});

test('only what is meant to be killed can be', async () => {
  await supervisor.start(nodeProcess('api', RUNS, false));
  expect(supervisor.kill('api')).toBe('unknown');
  expect(supervisor.kill('none')).toBe('unknown');
  expect(stateOf('api')).toBe('running');
});

test('a process that ends by itself is a failure with its last lines', async () => {
  await supervisor.start(nodeProcess('worker', `console.log('out of ideas'); setTimeout(() => process.exit(3), 200)`));
  await eventually('the failure is reported', () => failure);
  expect(failure).toMatch(/^The worker ended by itself \(exit code 3\).*\n {2}out of ideas/);
});

test('the compiler that builds the Temporal server may end while all else stays up', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'go'),
    '#!/bin/sh\nprintf "#!/bin/sh\\n" > "$GOBIN/temporal"; /bin/chmod +x "$GOBIN/temporal"\n',
  );
  chmodSync(join(bin, 'go'), 0o755);
  const env = { PATH: bin, XDG_CACHE_HOME: join(folder, 'cache') };
  const search = { env, report: () => undefined, onChild: supervisor.addHelper };
  const download = () => Promise.resolve(false);
  const binary = await findTemporalBinary(search, download);
  expect(binary).toBe(join(folder, 'cache', 'durable-handoff', 'bin', 'temporal'));
  await supervisor.start(nodeProcess('temporal'));
  await sleep(300);
  expect(failure).toBeUndefined();
  expect(stateOf('temporal')).toBe('running');
});

test('whoever ends while the compiler runs ends it too', async () => {
  const compiler = startChild({
    name: 'Go compiler',
    command: process.execPath,
    args: ['-e', RUNS],
    logFile: join(folder, 'go.log'),
  });
  supervisor.addHelper(compiler);
  await eventually('it runs', () => compiler.lastLines()[0]);
  await supervisor.stop();
  await eventually('the compiler is gone', () => isGone(pids('go')[0]!));
});

describe('its control server', () => {
  test('lets the holder of the token alone see and kill processes', async () => {
    await supervisor.start(nodeProcess('worker'));
    const control = await startControlServer({ id: 'this run', token: 'secret', supervisor });
    const call = (path: string, method = 'GET', token?: string) =>
      fetch(`${control.url}${path}`, { method, headers: token ? { authorization: `Bearer ${token}` } : {} });
    try {
      expect(await (await call('/')).json()).toEqual({ id: 'this run' });
      for (const token of [undefined, 'guess', 'secreT']) {
        expect((await call('/processes', 'GET', token)).status).toBe(401);
        expect((await call('/processes/worker/kill', 'POST', token)).status).toBe(401);
      }
      expect(happened()).toEqual([]);
      expect((await call('/processes/api/kill', 'POST', 'secret')).status).toBe(404);
      expect((await call('/processes/worker/kill', 'GET', 'secret')).status).toBe(404);
      expect((await call('/processes/worker/kill', 'POST', 'secret')).status).toBe(202);
      expect((await call('/processes/worker/kill', 'POST', 'secret')).status).toBe(409);
      const { processes } = (await (await call('/processes', 'GET', 'secret')).json()) as { processes: object[] };
      expect(processes).toEqual([expect.objectContaining({ name: 'worker', state: 'killed', killable: true })]);
      await until('worker restarted');
    } finally {
      await control.close();
    }
  });
});
