import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from '../sandbox/launch/ports';
import { eventually } from '../test/support/eventually';
import { createVendors, type Vendors } from './large-files';
import { answers } from '../test/support/processes';
import { RUN, startProcess, startTemporal, stopAll } from './parts';

/**
 * `npm run bench:memory`: the worker's memory while end users send large files into cases of Request Tracker, whose
 * limit is the highest. Reads /proc, so it needs Linux.
 */
const CONVERSATIONS = 6;
const FILES = 10;
const BOT_KEY = randomUUID();
const URL_SECRET = randomUUID();

async function main(): Promise<void> {
  const vendors = createVendors();
  const server = createServer(vendors.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const vendorUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await measure(vendors, vendorUrl);
  } finally {
    await stopAll({ failed: false });
    server.closeAllConnections();
    server.close();
  }
}

async function measure(vendors: Vendors, vendorUrl: string): Promise<void> {
  const [{ address }, port] = await Promise.all([startTemporal(), freePort()]);
  const config = join(RUN, 'handoff.yaml');
  writeFileSync(config, settings(vendorUrl, port));
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, TEMPORAL_ADDRESS: address, HANDOFF_CONFIG: config };
  startProcess('worker', 'worker/main.ts', env);
  startProcess('api', 'api/main.ts', env);
  const apiUrl = `http://127.0.0.1:${port}`;
  await eventually('the API is ready', () => answers(apiUrl).catch(() => false), { withinMs: 60_000 });
  const ids = Array.from({ length: CONVERSATIONS }, (_, n) => `conversation-${n}`);
  for (const conversationId of ids) await handOff(apiUrl, conversationId);
  await eventually('every case is open', () => vendors.tickets() === ids.length, { withinMs: 60_000 });
  const pid = workerPid(config);
  await sleep(10_000);
  console.log(`idle: ${status(pid, 'VmRSS')} MB`);
  writeFileSync(`/proc/${pid}/clear_refs`, '5'); // starts VmHWM anew
  await Promise.all(Array.from({ length: FILES }, (_, n) => sendFile(apiUrl, vendorUrl, ids[n % CONVERSATIONS]!)));
  await eventually('every file has arrived', () => vendors.mails() >= FILES, { withinMs: 240_000, everyMs: 100 });
  const sizes = vendors.mailSizes().map((bytes) => Math.round(bytes / 2 ** 20));
  console.log(`${FILES} files of 20 MiB in ${CONVERSATIONS} conversations: ${status(pid, 'VmHWM')} MB at most`);
  console.log(`the mails they came in: ${sizes.join(', ')} MiB`);
}

function settings(vendorUrl: string, port: number): string {
  const platform = {
    kind: 'infobip',
    baseUrl: `${vendorUrl}/infobip`,
    apiKey: randomUUID(),
    webhook: { mode: 'subscription', secret: URL_SECRET },
  };
  const desk = { kind: 'request-tracker', baseUrl: `${vendorUrl}/rt`, username: 'handoff', password: 'secret-of-desk' };
  return stringify({
    api: { port, host: '127.0.0.1', keys: [{ name: 'bot', key: BOT_KEY, scopes: ['handoffs:write'] }] },
    accounts: { main: { platform, contactCenters: { desk }, routing: [{ to: 'desk' }] } },
  });
}

async function handOff(apiUrl: string, conversationId: string): Promise<void> {
  await post(`${apiUrl}/v1/handoffs`, { conversationId, account: 'main' }, { authorization: `Bearer ${BOT_KEY}` });
}

async function sendFile(apiUrl: string, vendorUrl: string, conversationId: string): Promise<void> {
  const timestamp = new Date().toISOString();
  const url = `${vendorUrl}/infobip/whatsapp/1/senders/1/media/${randomUUID()}`;
  const message = {
    ...{ id: randomUUID(), conversationId, channel: 'LIVE_CHAT', from: 'end-user', to: 'bot', direction: 'INBOUND' },
    ...{ createdAt: timestamp, contentType: 'DOCUMENT', content: { url } },
  };
  const body = { type: 'INBOUND_MESSAGE', timestamp, payload: { id: conversationId, message } };
  await post(`${apiUrl}/webhooks/main/platform/${URL_SECRET}`, body);
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
}

/** The process with the worker's program and our settings: what we have started is its parent. */
function workerPid(config: string): string {
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const [command, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const isWorker =
        command!.endsWith('node') && !args.includes('-e') && args.some((arg) => arg.endsWith('worker/main.ts'));
      return isWorker && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(config);
    } catch {
      return false; // ended meanwhile
    }
  });
  if (!found) throw new Error('The worker does not run.');
  return found;
}

/** In MB. */
function status(pid: string, name: 'VmRSS' | 'VmHWM'): number {
  const [, kib] = new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Math.round((Number(kib) * 1024) / 1_000_000);
}

void main();
