import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Readable } from 'node:stream';
import { createHttp } from '../../../connectors/shared/http';
import { StreamedJson } from '../../../connectors/shared/streamed-json';
import { storedFile } from '../../support/files';

const file = (bytes: Buffer) => storedFile({ name: 'a', mimeType: 'a/b', bytes });

test('is the JSON with the files in base64, and as long as it says, each time', async () => {
  const texts = fc.string({ unit: 'grapheme' });
  const bytes = fc.uint8Array({ maxLength: 3_500 }).map((array) => Buffer.from(array));
  await fc.assert(
    fc.asyncProperty(texts, fc.array(bytes, { maxLength: 3 }), async (text, files) => {
      const json = new StreamedJson((base64) => ({
        text,
        files: files.map((one) => ({ text, it: base64(file(one)) })),
      }));
      const expected = { text, files: files.map((one) => ({ text, it: one.toString('base64') })) };
      for (let i = 0; i < 2; i++) {
        const body = await buffer(json.open());
        expect(body.length).toBe(json.size);
        expect(JSON.parse(body.toString('utf8'))).toEqual(expected);
      }
    }),
  );
});

test('is sent with its length and type, and its files are let go where nobody reads them', async () => {
  const asked: { headers: object; body?: string }[] = [];
  const server = createServer((request, response) => {
    const { headers } = request;
    if (request.url === '/refuse') {
      asked.push({ headers });
      return void response.writeHead(413).end(() => request.destroy());
    }
    void buffer(request).then((body) => {
      asked.push({ headers, body: body.toString() });
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const opened: Readable[] = [];
  const large = file(Buffer.alloc(20_000_000));
  const counted = { ...large, open: () => (opened.push(large.open()), opened.at(-1)!) };
  const http = createHttp({ vendor: 'Vendor', baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  try {
    const small = new StreamedJson((base64) => ({ it: base64(file(Buffer.from('hello'))) }));
    await http.request('post', { method: 'POST', url: '/', data: small, headers: { 'x-own': '1' } });
    const headers = { 'content-length': `${small.size}`, 'content-type': 'application/json', 'x-own': '1' };
    expect(asked[0]).toMatchObject({ headers, body: '{"it":"aGVsbG8="}' });
    const refused = http.request('post', {
      method: 'POST',
      url: '/refuse',
      data: new StreamedJson((base64) => base64(counted)),
    });
    await expect(refused).rejects.toThrow('Vendor: post');
    await new Promise((resolve) => setImmediate(resolve));
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
