import { request } from 'node:http';
import { startControlServer, type ControlServer } from '../../sandbox/launch/control';
import type { ProcessesView } from '../../sandbox/launch/supervisor';
import { startSandboxWithFakeApi, type SandboxWithFakeApi } from './sandbox-with-fake-api';

const since = '2026-01-01T12:00:00.000Z';
const view: ProcessesView = {
  processes: [{ name: 'worker', state: 'running', since, killable: true }],
  events: [{ at: since, process: 'worker', event: 'restarted' }],
};

describe('under npm start', () => {
  let control: ControlServer;
  let fake: SandboxWithFakeApi;
  let killed: string[];
  let outcome: 'killed' | 'unknown' | 'not-running';

  beforeAll(async () => {
    const kill = (name: string) => {
      killed.push(name);
      return outcome;
    };
    control = await startControlServer({ id: 'run', token: 'secret', supervisor: { view: () => view, kill } });
    fake = await startSandboxWithFakeApi({ SANDBOX_CONTROL_URL: control.url, SANDBOX_CONTROL_TOKEN: 'secret' });
  });
  beforeEach(() => {
    killed = [];
    outcome = 'killed';
  });
  afterAll(async () => {
    await fake.stop();
    await control.close();
  });

  test('the page shows the processes, and never the token', async () => {
    const state = await fake.state();
    expect(state.running).toEqual(view);
    expect(JSON.stringify(state)).not.toContain('secret');
  });

  test('the page kills a process', async () => {
    expect(await kill(fake.url, own(fake.url))).toBe(202);
    expect(killed).toEqual(['worker']);
  });

  test.each([
    ['not-running', 409],
    ['unknown', 404],
  ] as const)('a process that is %s is not killed', async (found, status) => {
    outcome = found;
    expect(await kill(fake.url, own(fake.url))).toBe(status);
  });

  test.each<[string, (url: string) => Record<string, string | undefined>]>([
    ['another site', (url) => ({ ...own(url), origin: 'https://evil.example' })],
    ['another port of this machine', (url) => ({ ...own(url), origin: 'http://127.0.0.1:1' })],
    ['a sandboxed frame', (url) => ({ ...own(url), origin: 'null' })],
    ['a form, which sends no header of its own', (url) => ({ ...own(url), 'x-sandbox-page': undefined })],
    ['a name of another site that leads here', () => ({ ...own('http://evil.example'), host: 'evil.example' })],
  ])('%s cannot kill it', async (_, headersFor) => {
    expect(await kill(fake.url, headersFor(fake.url))).toBe(403);
    expect(killed).toEqual([]);
  });

  test('no other site is allowed to ask with the header of the page', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-headers': 'x-sandbox-page' };
    const answer = await fetch(`${fake.url}/processes/worker/kill`, { method: 'OPTIONS', headers });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('access-control-allow-headers')).toBeNull();
  });
});

test('elsewhere there is nothing to show and nothing to kill', async () => {
  const fake = await startSandboxWithFakeApi();
  try {
    expect(await fake.state()).not.toHaveProperty('running');
    expect(await kill(fake.url, own(fake.url))).toBe(404);
  } finally {
    await fake.stop();
  }
});

const own = (url: string) => ({ origin: url, 'x-sandbox-page': '1' });

/** By Node's own client, which sends any `Host` and `Origin`. */
function kill(url: string, headers: Record<string, string | undefined>): Promise<number | undefined> {
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    request(`${url}/processes/worker/kill`, { method: 'POST', headers: given }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
