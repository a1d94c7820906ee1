import { MAX_FILE_BYTES } from '../../../connectors/infobip/download';
import { connectorTo, Fake } from './fake';

const fake = new Fake();
beforeAll(() => fake.start());
afterAll(() => fake.stop());
beforeEach(() => fake.reset());

const download = (url: string) => connectorTo(fake.url).download!(url);

test('a file comes with its bytes, name and type, fetched with the credentials', async () => {
  const bytes = Buffer.from([0, 255, 1, 254]);
  fake.on('GET /files/my%20photo.jpg', { body: bytes, headers: { 'content-type': 'image/jpeg; charset=binary' } });
  const file = await download(`${fake.url}/files/my%20photo.jpg?token=1`);
  expect(file).toEqual({ name: 'my photo.jpg', mimeType: 'image/jpeg', bytes });
  expect(fake.seen[0]?.headers.authorization).toBe('App key-of-the-test');
});

test.each([
  'https://evil.example.com/a',
  'https://infobip.com.evil.example.com/a',
  'https://evilinfobip.com/a',
  'http://media.infobip.com/a',
  'http://127.0.0.1:1/a',
  'file:///etc/passwd',
  'no url',
])('%s never sees the credentials', async (url) => {
  await expect(download(url)).rejects.toMatchObject({ kind: 'unsupported' });
  expect(fake.seen).toHaveLength(0);
});

test('a redirect to elsewhere is not followed', async () => {
  fake.on('GET /f', { status: 302, headers: { location: `${fake.url}/secret` } });
  await expect(download(`${fake.url}/f`)).rejects.toMatchObject({ name: 'VendorError' });
  expect(fake.seen).toHaveLength(1);
});

test('a file of the greatest size comes, one byte more is unsupported', async () => {
  fake.on('GET /max', { body: Buffer.alloc(MAX_FILE_BYTES) });
  fake.on('GET /more', { body: Buffer.alloc(MAX_FILE_BYTES + 1) });
  expect((await download(`${fake.url}/max`)).bytes).toHaveLength(MAX_FILE_BYTES);
  await expect(download(`${fake.url}/more`)).rejects.toMatchObject({ kind: 'unsupported' });
});

test('a file that is gone is not-found', async () => {
  fake.on('GET /gone', { status: 404, body: '' });
  await expect(download(`${fake.url}/gone`)).rejects.toMatchObject({ kind: 'not-found' });
});
