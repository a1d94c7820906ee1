import { Readable } from 'node:stream';
import { createHttp } from '../../../connectors/shared/http';
import { readWhole } from '../../../connectors/shared/files';
import { connect } from './setup';

const mockRequest = jest.fn();
jest.mock('../../../connectors/shared/http', () => ({
  ...jest.requireActual<object>('../../../connectors/shared/http'),
  createHttp: jest.fn(() => ({ request: (...args: unknown[]): unknown => mockRequest(...args) })),
}));

const URL_OF_IMAGE = 'https://storage.googleapis.com/bucket/1/image-1?x-goog-signature=abc';
const files = connect().files!;
const storage = jest.mocked(createHttp).mock.calls.find(([{ vendor }]) => vendor === 'Google Cloud Storage')![0];

beforeEach(() => mockRequest.mockReset());

test('an image is streamed from its signed address, with none of our credentials', async () => {
  const headers = { 'content-type': 'image/jpeg; charset=binary', 'content-length': '3' };
  mockRequest.mockResolvedValue({ data: Readable.from([Buffer.from([1, 2]), Buffer.from([3])]), headers });
  const file = await files.open(URL_OF_IMAGE);
  expect(file).toMatchObject({ name: 'image-1', mimeType: 'image/jpeg', size: 3 });
  expect((await readWhole('Storage', file, { maxBytes: 3, timeoutMs: 1_000 })).bytes).toEqual(Buffer.from([1, 2, 3]));
  expect(mockRequest).toHaveBeenCalledWith(
    'download',
    expect.objectContaining({ url: URL_OF_IMAGE, responseType: 'stream' }),
  );
  expect(JSON.stringify([mockRequest.mock.calls, storage])).not.toMatch(/authorization|bearer/i);
});

test.each(['https://evil.example/image?x-goog-signature=abc', 'http://169.254.169.254/', 'file:///etc/passwd'])(
  '%s is never called',
  async (url) => {
    await expect(files.open(url)).rejects.toMatchObject({ kind: 'unsupported' });
    expect(mockRequest).not.toHaveBeenCalled();
  },
);

test.each([400, 403, 404])('a signed address that answers %i has expired for good', (status) => {
  expect(storage.explain!(status, undefined).kind).toBe('not-found');
});
