import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { FileStream } from '../../../connectors/shared/files';
import { spool } from '../../../connectors/shared/spool';

const LIMITS = { maxBytes: 1_000, timeoutMs: 5_000, idleMs: 5_000 };
const fileOf = (stream: Readable, size?: number): FileStream => ({
  name: 'a.png',
  mimeType: 'image/png',
  size,
  stream,
});
const spooledFiles = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('durable-handoff-') && name.length === 52);

/** Comes piece by piece, so many milliseconds apart. */
function slow(pieces: number, everyMs: number): Readable {
  let left = pieces;
  return new Readable({
    read() {
      setTimeout(() => this.push(left-- > 0 ? Buffer.from('piece') : null), everyMs);
    },
  });
}

test('a file is read from its beginning each time, also several times at once', async () => {
  const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i % 251));
  const file = await spool('Vendor', fileOf(Readable.from([bytes.subarray(0, 7), bytes.subarray(7)])), LIMITS);
  expect(file).toMatchObject({ name: 'a.png', mimeType: 'image/png', size: 1_000 });
  const read = await Promise.all([buffer(file.open()), buffer(file.open())]);
  expect([...read, await buffer(file.open())]).toEqual([bytes, bytes, bytes]);
  await file.close();
});

test('a reader that ends midway takes the file from no other', async () => {
  const bytes = Buffer.alloc(300_000, 'x');
  const file = await spool('Vendor', fileOf(Readable.from([bytes])), { ...LIMITS, maxBytes: 300_000 });
  const reader = file.open();
  await reader[Symbol.asyncIterator]().next();
  const ended = new Promise((resolve) => reader.once('close', resolve));
  reader.destroy();
  await ended;
  expect(await buffer(file.open())).toEqual(bytes);
  await file.close();
});

test('an empty file is a file', async () => {
  const file = await spool('Vendor', fileOf(Readable.from([])), LIMITS);
  expect([file.size, await buffer(file.open())]).toEqual([0, Buffer.alloc(0)]);
  await file.close();
});

test('nothing of it can be found on disk, or read once it is closed, also by whoever is reading', async () => {
  const before = spooledFiles();
  const file = await spool('Vendor', fileOf(Readable.from([Buffer.alloc(1_000)])), LIMITS);
  expect(spooledFiles()).toEqual(before);
  const reading = file.open();
  await file.close();
  await expect(buffer(reading)).rejects.toThrow();
  await expect(buffer(file.open())).rejects.toThrow();
});

test.each([
  ['before it is read', fileOf(Readable.from([Buffer.alloc(5)]), 1_001)],
  ['while it is read', fileOf(Readable.from(Array.from({ length: 11 }, () => Buffer.alloc(100))))],
])('a file over the limit is refused %s', async (_, file) => {
  await expect(spool('Vendor', file, LIMITS)).rejects.toMatchObject({ kind: 'too-large' });
  expect(file.stream.destroyed).toBe(true);
});

test.each([
  ['breaks off', () => new Readable({ read() { this.destroy(new Error('reset')); } }), {}], // prettier-ignore
  ['stalls', () => slow(3, 500), { idleMs: 50 }],
  ['takes too long in all, however steadily it comes', () => slow(100, 20), { timeoutMs: 200 }],
])('a file that %s is unavailable', async (_, streamed, limits) => {
  const file = fileOf(streamed());
  await expect(spool('Vendor', file, { ...LIMITS, ...limits })).rejects.toMatchObject({ kind: 'unavailable' });
  expect(file.stream.destroyed).toBe(true);
});

test('a file that comes steadily may take longer than it may stall', async () => {
  const file = await spool('Vendor', fileOf(slow(6, 40)), { ...LIMITS, idleMs: 200 });
  expect(file.size).toBe(30);
  await file.close();
});
