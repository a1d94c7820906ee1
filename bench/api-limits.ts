import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What the API's limits are worth: its memory under stalled uploads and slow readers, and what becomes of more
 * webhooks than it can handle. Run: `npm run bench:api`. Temporal is replaced by a fake that takes 50 ms.
 */
const MB = 1024 * 1024;
const UPLOADS = 1_000;
const READERS = 40;
const FILE_BYTES = 40 * MB;
const WEBHOOKS_PER_SECOND = 2_000;
const CONNECTIONS = 500;
const SECONDS = 5;

interface Answer {
  status: string;
  ms: number;
}

interface Api {
  child: ChildProcess;
  port: number;
  file: string;
}

async function main(): Promise<void> {
  const files = createServer((_req, res) => {
    res.writeHead(200, { 'content-length': FILE_BYTES });
    res.end(Buffer.alloc(FILE_BYTES));
  }).listen(0, '127.0.0.1');
  await once(files, 'listening');
  const url = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
  const child = fork(join(__dirname, 'api-limits-server.ts'), [url], { execArgv: ['--import', 'tsx'] });
  try {
    const [{ port, file }] = (await once(child, 'message')) as [Omit<Api, 'child'>];
    const api = { child, port, file };
    await delay(2_000);
    console.log(`idle: ${await peakMemory(api)}`);
    await stalledUploads(api);
    await slowReaders(api);
    await overload(api);
  } finally {
    child.kill();
    files.close();
    files.closeAllConnections();
  }
}

/** The most memory since the last time, in words. */
async function peakMemory({ child }: Api): Promise<string> {
  child.send('peak');
  const [{ peak }] = (await once(child, 'message')) as [{ peak: number }];
  return `${Math.round(peak / MB)} MB at most`;
}

async function stalledUploads(api: Api): Promise<void> {
  const sockets: Socket[] = [];
  const statuses = new Map<string, number>();
  const body = Buffer.alloc(MB - 1_000, 'x');
  for (let i = 0; i < UPLOADS; i++) {
    const socket = connect(api.port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    socket.once('data', (chunk: Buffer) => count(statuses, chunk.toString().split(' ')[1]!));
    const path = i % 2 ? 'platform' : 'support';
    socket.write(`POST /webhooks/main/${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${MB}\r\n\r\n`);
    socket.write(body);
    if (i % 50 === 0) await delay(10);
  }
  await delay(5_000);
  const small = await webhook(api);
  console.log(`${UPLOADS} stalled uploads of 1 MiB: ${await peakMemory(api)}; answered ${words(statuses)}`);
  console.log(`  a small webhook meanwhile: ${small.status} in ${Math.round(small.ms)} ms`);
  sockets.forEach((socket) => socket.destroy());
  await delay(500);
}

async function slowReaders(api: Api): Promise<void> {
  const responses = await Promise.all(
    Array.from({ length: READERS }, async () => {
      const [response] = (await once(get(api.file, { agent: false }), 'response')) as [IncomingMessage];
      return response.on('error', () => undefined);
    }),
  );
  for (let i = 0; i < 20; i++) {
    responses.forEach((response) => void response.read(64 * 1024));
    await delay(250);
  }
  const ok = responses.filter(({ statusCode }) => statusCode === 200).length;
  console.log(`${READERS} slow readers of one file of 40 MiB: ${await peakMemory(api)}; ${ok} served`);
  responses.forEach((response) => response.destroy());
  await delay(500);
}

async function overload(api: Api): Promise<void> {
  for (let i = 0; i < CONNECTIONS; i++) idle.push(connect(api.port, '127.0.0.1'));
  await delay(2_000);
  const calls: Promise<Answer>[] = [];
  const endsAt = performance.now() + SECONDS * 1_000;
  while (performance.now() < endsAt) {
    for (let i = 0; i < WEBHOOKS_PER_SECOND / 100 && idle.length > 0; i++) calls.push(webhook(api));
    await delay(10);
  }
  const late = delay(60_000, { status: 'unanswered', ms: 60_000 }, { ref: false });
  const answers = await Promise.all(calls.map((call) => Promise.race<Answer>([call, late])));
  const statuses = new Map<string, number>();
  answers.forEach(({ status }) => count(statuses, status));
  console.log(`webhooks, ${WEBHOOKS_PER_SECOND} a second on ${CONNECTIONS} connections: ${await peakMemory(api)}`);
  for (const [status, n] of statuses) {
    const times = answers.filter((one) => one.status === status).map(({ ms }) => ms);
    const sorted = times.sort((a, b) => a - b).map(Math.round);
    console.log(`  ${n} × ${status}: median ${sorted[n >> 1]} ms, slowest ${sorted.at(-1)} ms`);
  }
  idle.splice(0).forEach((socket) => socket.destroy());
}

const BODY = JSON.stringify({
  events: [{ conversationId: 'c1', event: { type: 'conversation-closed', id: '1', at: '2026-11-21T12:00:00Z' } }],
});
const WEBHOOK = `POST /webhooks/main/platform HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

const idle: Socket[] = [];

/** Sends one on a connection that is free. Plain sockets: an HTTP client would be the slower side. */
function webhook({ port }: Api): Promise<Answer> {
  let free = idle.pop();
  while (free?.destroyed) free = idle.pop();
  const socket = free ?? connect(port, '127.0.0.1');
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const done = (status: string) => {
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      resolve({ status, ms: performance.now() - startedAt });
    };
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'error'));
    socket.on('close', () => done('closed'));
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const [head, body] = text.split('\r\n\r\n');
      if (body === undefined || body.length < Number(/content-length: (\d+)/i.exec(head!)?.[1])) return;
      done(text.split(' ')[1]!);
      idle.push(socket);
    });
    socket.write(WEBHOOK);
  });
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function words(counts: Map<string, number>): string {
  return [...counts].map(([key, n]) => `${n} × ${key}`).join(', ') || 'none';
}

void main();
