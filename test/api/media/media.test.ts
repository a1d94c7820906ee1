import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { fileNameInUrl, mediaKey, mediaUrl } from '../../../accounts/file-links';
import type { ApiLimits } from '../../../api/context';
import { VendorError } from '../../../connectors/shared/errors';
import { PLATFORM_SETTINGS, startApi, type RunningApi } from '../../support/api-fakes';

let api: RunningApi;
let now: number;
beforeEach(() => begin());
afterEach(() => api.stop());

async function begin(limits?: Partial<ApiLimits>): Promise<void> {
  now = Date.parse('2026-11-21T12:00:00Z');
  api = await startApi({ now: () => now, limits });
}

async function beginAgain(limits: Partial<ApiLimits>): Promise<void> {
  await api.stop();
  await begin(limits);
}

const key = mediaKey({ platform: PLATFORM_SETTINGS });
const claims = { account: 'main', contactCenter: 'support', file: 'attachment 7', name: 'bill "a".html' };
const pathOf = async (patch: Partial<typeof claims> = {}, signedWith = key) =>
  new URL(await mediaUrl('https://x.example/', signedWith, { ...claims, ...patch }, now)).pathname;

/** Has the contact center serve this stream for the one file it has. */
function serve(stream: Readable, size?: number): void {
  const open = (file: string) =>
    file === claims.file
      ? Promise.resolve({ name: 'bill.html', mimeType: 'text/html', stream, ...(size !== undefined && { size }) })
      : Promise.reject(new VendorError('not-found', 'Fake: download answered 404'));
  api.vendors.contactCenter.files = { open };
}

/** A stream of zeros that says how many bytes were taken from it. */
function zeros(bytes: number) {
  let taken = 0;
  const stream = new Readable({
    read(size) {
      const next = Math.min(size, bytes - taken);
      taken += next;
      this.push(next > 0 ? Buffer.alloc(next) : null);
    },
  });
  return { stream, taken: () => taken };
}

describe("a link to an agent's file", () => {
  beforeEach(() => serve(Readable.from([Buffer.from('<b>7</b>')]), 8));

  test("brings the file's bytes, never for a browser to render", async () => {
    const { status, text, headers } = await api.call('GET', await pathOf());
    expect([status, text, headers.get('content-length')]).toEqual([200, '<b>7</b>', '8']);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="bill \\"a\\".html"/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  });

  test('answers HEAD without reading the file', async () => {
    const { stream, taken } = zeros(1_000_000);
    serve(stream, 1_000_000);
    const { status, text, headers } = await api.call('HEAD', await pathOf());
    expect([status, text, headers.get('content-length'), taken()]).toEqual([200, '', '1000000', 0]);
    expect(stream.destroyed).toBe(true);
  });

  test('expires after a week', async () => {
    const path = await pathOf();
    now += 7 * 24 * 3600 * 1000 - 2000;
    expect((await api.call('GET', path)).status).toBe(200);
    now += 4000;
    expect((await api.call('GET', path)).status).toBe(404);
  });

  test('is worth nothing when forged, or for another account, connection, file or name', async () => {
    const otherSettings = { ...PLATFORM_SETTINGS, apiKey: 'guess' };
    const forged = mediaKey({ platform: otherSettings });
    const path = await pathOf();
    const paths = [
      await pathOf({}, forged),
      await pathOf({ account: 'other' }),
      await pathOf({ contactCenter: 'other' }),
      await pathOf({ contactCenter: 'constructor' }),
      await pathOf({ file: 'gone' }),
      `${path}x`,
      path.replace(/\/media\/[^/]+/, (start) => `${start}x`),
      path.slice(0, path.lastIndexOf('/')),
      '/media/x.y.z/name',
    ];
    for (const one of paths) expect([one, (await api.call('GET', one)).status]).toEqual([one, 404]);
  });

  test('answers 503 while the contact center is away', async () => {
    const open = () => Promise.reject(new VendorError('unavailable', 'Fake: no answer'));
    api.vendors.contactCenter.files = { open };
    expect((await api.call('GET', await pathOf())).status).toBe(503);
  });

  test('ends in a name that is the same in every link to the file, and in no link to another', async () => {
    const nameOf = (path: string) => path.split('/').at(-1)!;
    const first = nameOf(await pathOf());
    now += 3_600_000;
    expect(nameOf(await pathOf())).toBe(first);
    expect(first).toMatch(/^[0-9a-f]{32}\.html$/);
    expect(nameOf(await pathOf({ file: 'attachment 8' }))).not.toBe(first);
    expect(fileNameInUrl(key, { ...claims, name: 'a.tar.gz/../x' })).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('a download', () => {
  const SIZE = 50 * 1024 * 1024;
  const open = async () => {
    const request = get(api.url + (await pathOf()));
    request.on('error', () => undefined);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    return { request, response };
  };

  test('reads from the contact center no faster than the client takes it', async () => {
    const { stream, taken } = zeros(SIZE);
    serve(stream, SIZE);
    const { request, response } = await open();
    response.pause();
    await settled(taken);
    expect(taken()).toBeLessThan(SIZE / 2);
    request.destroy();
  });

  test('that the client leaves ends the one from the contact center', async () => {
    const { stream } = zeros(SIZE);
    serve(stream, SIZE);
    const { request } = await open();
    request.destroy();
    await closed(stream);
  });

  test('of a file that is too large is refused, or broken off where nobody said so before', async () => {
    await beginAgain({ maxFileBytes: 1_000 });
    const declared = zeros(1_001);
    serve(declared.stream, 1_001);
    expect((await api.call('GET', await pathOf())).status).toBe(404);
    expect(declared.stream.destroyed).toBe(true);
    serve(zeros(100_000).stream);
    await expect(api.call('GET', await pathOf())).rejects.toThrow();
  });

  test.each([['fileTimeoutMs'], ['fileIdleMs']] as const)('that stalls is ended by %s', async (limit) => {
    await beginAgain({ [limit]: 50 });
    const stream = new Readable({ read: () => undefined });
    stream.push('the beginning');
    serve(stream);
    const path = await pathOf();
    await expect(api.call('GET', path)).rejects.toThrow();
    await closed(stream);
  });

  test('beyond so many at a time gets 503 at once', async () => {
    await beginAgain({ fileStreams: 2 });
    const { stream } = zeros(SIZE);
    serve(stream, SIZE);
    const { request } = await open();
    const { status, headers } = await api.call('GET', await pathOf());
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    request.destroy();
  });
});

async function closed(stream: Readable): Promise<void> {
  if (!stream.closed) await new Promise<void>((resolve) => stream.once('close', resolve));
}

/** Waits until nothing more is taken. */
async function settled(taken: () => number): Promise<void> {
  for (let before = -1; before !== taken();) {
    before = taken();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
