import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../sandbox/launch/ports';
import { testAddress } from '../support/temporal';

/** `npm run api` as an operator meets it: how it starts, how it refuses to, how it stops. */
const ROOT = join(__dirname, '..', '..');
let folder: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'handoff-api-'));
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const settings = (port: number) => `
api: { port: ${port}, host: 127.0.0.1, keys: [{ name: bot, key: the-key-of-the-bot, scopes: [handoffs:read] }] }
accounts:
  main:
    platform: { kind: infobip, baseUrl: "https://infobip.example", apiKey: k, webhook: { mode: subscription, secret: url-secret-of-the-account } }
    contactCenters: { rt: { kind: request-tracker, baseUrl: "http://rt.example", username: u, password: p, queue: q } }
    routing: [{ to: rt }]
`;

function startProcess(yaml: string) {
  const file = join(folder, `${children.length}.yaml`);
  writeFileSync(file, yaml);
  const env = { ...process.env, HANDOFF_CONFIG: file, TEMPORAL_ADDRESS: testAddress() };
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'api/main.ts')], { env, cwd: ROOT });
  children.push(child);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, said, ended };
}

test('finds Temporal by the TEMPORAL variables, and stops in good order when asked to', async () => {
  const port = await freePort();
  const { child, said, ended } = startProcess(settings(port));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', () => said.stdout.includes('listening') && resolve());
    void ended.then(() => reject(new Error(said.stderr)));
  });
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  child.kill('SIGTERM');
  expect([await ended, said.stderr]).toEqual([0, '']);
  expect(said.stdout).toContain('"stopped"');
});

test('names every mistake of the settings and leaves with 1', async () => {
  const { said, ended } = startProcess(settings(70_000).replace('to: rt', 'to: nobody'));
  expect(await ended).toBe(1);
  expect(said.stderr).toMatch(/api\.port: /);
  expect(said.stderr).toMatch(/accounts\.main\.routing\[0\]\.to: there is no contact center 'nobody'/);
});

test('names the setting to change when its port is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { said, ended } = startProcess(settings(port));
  expect(await ended).toBe(1);
  expect(said.stderr).toBe(`Port ${port} is in use already; choose another one in api.port.\n`);
  other.close();
});
