import { readWhole } from '../../../connectors/shared/files';
import { connectorTo, Fake, notFound } from './fake';

const fake = new Fake();
beforeAll(() => fake.start());
afterAll(() => fake.stop());
beforeEach(() => fake.reset());

const MEDIA = '/whatsapp/1/senders/447860099299/media';
const open = (url: string, more?: Record<string, unknown>) => connectorTo(fake.url, more).files!.open(url);
const read = async (url: string) => readWhole('Infobip', await open(url), { maxBytes: 1000, timeoutMs: 5_000 });

test('a file comes as a stream with its name, type and size, fetched with the credentials', async () => {
  const bytes = Buffer.from([0, 255, 1, 254]);
  const headers = { 'content-type': 'image/jpeg; charset=binary', 'content-length': '4' };
  fake.on(`GET ${MEDIA}/my%20photo.jpg`, { body: bytes, headers });
  const file = await open(`${fake.url}${MEDIA}/my%20photo.jpg?token=1`);
  expect(file).toMatchObject({ name: 'my photo.jpg', mimeType: 'image/jpeg', size: 4 });
  expect((await readWhole('Infobip', file, { maxBytes: 4, timeoutMs: 5_000 })).bytes).toEqual(bytes);
  expect(fake.seen[0]?.headers.authorization).toBe('App key-of-the-test');
});

test.each([
  'https://evil.example.com',
  'https://infobip.com.evil.example.com',
  'https://evilinfobip.com',
  'https://media.infobip.com',
  'http://x.api.infobip.com',
  'http://127.0.0.1:1',
  'file://',
])('%s never sees the credentials', async (host) => {
  await expect(open(`${host}${MEDIA}/1`)).rejects.toMatchObject({ kind: 'unsupported' });
  expect(fake.seen).toHaveLength(0);
});

test.each([
  '/ccaas/1/conversations/another/messages',
  '/ccaas/1/conversations',
  '/whatsapp/1/senders',
  '/whatsapp/1/senders/1/media/',
  '/whatsapp/1/senders/1/media/1/metadata',
  '/whatsapp/1/senders/1/media/../../../../../ccaas/1/conversations',
  '/whatsapp/1/senders/1/media/%2e%2e',
  '/whatsapp/1/senders/1/media/..%2f..%2f..%2f..%2f..%2fccaas%2f1%2fconversations',
  '/whatsapp/1/senders/..%5c..%5cccaas/media/1',
  '\\whatsapp/../ccaas/1/agents',
])('of the API itself nothing but files is fetched: not %s', async (path) => {
  await expect(open(`${fake.url}${path}`)).rejects.toMatchObject({ kind: 'unsupported' });
  expect(fake.seen).toHaveLength(0);
});

test('no URL at all is unsupported', async () => {
  await expect(open('no url')).rejects.toMatchObject({ kind: 'unsupported' });
});

test('paths count from the base URL on', async () => {
  fake.on(`GET /infobip${MEDIA}/1`, { body: 'png' });
  const files = connectorTo(`${fake.url}/infobip/`).files!;
  (await files.open(`${fake.url}/infobip${MEDIA}/1`)).stream.destroy();
  await expect(files.open(`${fake.url}${MEDIA}/1`)).rejects.toMatchObject({ kind: 'unsupported' });
});

test('the paths that serve files can be set', async () => {
  fake.on('GET /files/1/a.png', { body: 'png' });
  const file = await open(`${fake.url}/files/1/a.png`, { filePaths: ['/files/*/*'] });
  expect(file.name).toBe('a.png');
  file.stream.destroy();
});

test('a redirect to elsewhere is not followed', async () => {
  fake.on(`GET ${MEDIA}/1`, { status: 302, headers: { location: `${fake.url}${MEDIA}/2` } });
  await expect(open(`${fake.url}${MEDIA}/1`)).rejects.toMatchObject({ name: 'VendorError' });
  expect(fake.seen).toHaveLength(1);
});

test('a file that is too large for its reader ends the download', async () => {
  fake.on(`GET ${MEDIA}/1`, { body: Buffer.alloc(1001) });
  await expect(read(`${fake.url}${MEDIA}/1`)).rejects.toMatchObject({ kind: 'too-large' });
});

test.each([{ status: 404, body: '' }, notFound('1'), notFound('1', 404)])(
  'a file that is gone is not-found (%#)',
  async (answer) => {
    fake.on(`GET ${MEDIA}/1`, answer);
    await expect(open(`${fake.url}${MEDIA}/1`)).rejects.toMatchObject({ kind: 'not-found' });
  },
);
