import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlServer, type ControlServer } from '../../sandbox/launch/control';
import { FolderInUse, takeLock, type LockHolder } from '../../sandbox/launch/lock';
import { freePort } from '../../sandbox/launch/ports';
import { Supervisor } from '../../sandbox/launch/supervisor';

let folder: string;
let file: string;
let control: ControlServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'data', 'npm-start.lock');
  control = await startControlServer({ id: 'first', token: 'secret', supervisor: new Supervisor() });
});
afterEach(async () => {
  await control.close();
  rmSync(folder, { recursive: true, force: true });
});

const holder = (id: string, controlUrl = control.url): LockHolder => ({
  id,
  pid: process.pid,
  startedAt: '2026-01-01T00:00:00.000Z',
  controlUrl,
  pageUrl: 'http://127.0.0.1:3100',
});

test('a folder is taken once, and again after its release', async () => {
  const lock = await takeLock(file, holder('first'));
  expect(lock.wasStale).toBe(false);
  await expect(takeLock(file, holder('second'))).rejects.toThrow(FolderInUse);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ id: 'first' });
  lock.release();
  expect(existsSync(file)).toBe(false);
  await expect(takeLock(file, holder('second'))).resolves.toMatchObject({ wasStale: false });
});

test.each([
  ['nobody answers at its address', () => freePort().then((port) => holder('gone', `http://127.0.0.1:${port}`))],
  ['another run answers at its address', () => Promise.resolve(holder('gone'))],
])('a lock that a crash left behind does not block when %s', async (_, left) => {
  // Its process id belongs to a living process, as it may after a crash.
  await takeLock(file, await left());
  const lock = await takeLock(file, holder('first'));
  expect(lock.wasStale).toBe(true);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ id: 'first' });
  expect(readdirSync(join(folder, 'data'))).toEqual(['npm-start.lock']);
});

test('a lock file that was cut short does not block', async () => {
  (await takeLock(file, holder('first'))).release();
  writeFileSync(file, '{"id":');
  await expect(takeLock(file, holder('first'))).resolves.toMatchObject({ wasStale: true });
});

test('a release leaves the lock of another run alone', async () => {
  const lock = await takeLock(file, holder('gone'));
  await takeLock(file, holder('first'));
  lock.release();
  expect(existsSync(file)).toBe(true);
});

test('npm start in a folder that is in use ends with what to do', async () => {
  await takeLock(join(folder, 'npm-start.lock'), holder('first'));
  const ports: Record<string, string> = {};
  for (const name of ['API_PORT', 'SANDBOX_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT']) {
    ports[name] = String(await freePort());
  }
  const root = join(__dirname, '..', '..');
  const env = { ...process.env, ...ports, SANDBOX_DATA: folder };
  const start = spawn(process.execPath, ['--import', 'tsx', 'sandbox/start.ts'], { cwd: root, env });
  let said = '';
  start.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(start, 'close')) as [number];
  expect(code).toBe(1);
  expect(said).toContain(`npm start is already running with the data in ${folder}: process ${process.pid}`);
  expect(said).toMatch(
    /SANDBOX_DATA=\S+-2 API_PORT=\d+ SANDBOX_PORT=\d+ TEMPORAL_PORT=\d+ TEMPORAL_UI_PORT=\d+ npm start/,
  );
});
