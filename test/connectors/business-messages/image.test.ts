import { download } from '../../../connectors/business-messages/image';
import { createHttp } from '../../../connectors/shared/http';

jest.mock('../../../connectors/shared/http', () => ({ createHttp: jest.fn() }));

const URL_OF_IMAGE = 'https://storage.googleapis.com/bucket/1/image-1?x-goog-signature=abc';

test('an image is fetched from its signed address, with none of our credentials', async () => {
  const request = jest
    .fn()
    .mockResolvedValue({ data: Uint8Array.of(1, 2, 3).buffer, headers: { 'content-type': 'image/jpeg' } });
  jest.mocked(createHttp).mockReturnValue({ request });
  expect(await download(URL_OF_IMAGE)).toEqual({
    name: 'image-1',
    mimeType: 'image/jpeg',
    bytes: Buffer.from([1, 2, 3]),
  });
  expect(request).toHaveBeenCalledWith('download', expect.objectContaining({ url: URL_OF_IMAGE }));
  expect(request.mock.calls[0]?.[1]).not.toHaveProperty('headers');
});

test.each(['https://evil.example/image?x-goog-signature=abc', 'http://169.254.169.254/', 'file:///etc/passwd'])(
  '%s is never called',
  async (url) => {
    jest.mocked(createHttp).mockClear();
    await expect(download(url)).rejects.toMatchObject({ kind: 'unsupported' });
    expect(createHttp).not.toHaveBeenCalled();
  },
);
