import fc from 'fast-check';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { contentOf } from '../../../connectors/request-tracker/attachment-content';
import { having } from './fake-feed';
import { attachment, page, part, startFake, transaction, type Answers, type Fake } from './fake-request-tracker';

const MEBIBYTE = 1024 * 1024;

describe('The content of an attachment', () => {
  /** The JSON in chunks of any size. */
  const inChunks = (json: string, size: number) => {
    const bytes = Buffer.from(json);
    const count = Math.ceil(bytes.length / size);
    return Readable.from(Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size)));
  };

  test('comes whole, however the answer is cut and whatever else it holds', async () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.string(),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        async (data, other, size, pretty) => {
          const { body } = attachment(Buffer.from(data));
          const json = { Subject: `"Content" : "${other}`, Filename: 'Content', ...body, Last: other };
          const text = JSON.stringify(json, null, pretty ? 3 : undefined).replaceAll('/', '\\/');
          expect(await buffer(contentOf(inChunks(text, size)))).toEqual(Buffer.from(data));
        },
      ),
    );
  });

  test.each(['{"id" : 3}', '{"Content" : null}', '{"Content":""}\n'])('%s has none', async (json) => {
    expect(await buffer(contentOf(inChunks(json, 5)))).toEqual(Buffer.alloc(0));
  });

  test.each(['{"Content" : "SGVs', '{"id" : 3', '<html>'])('%s breaks off', async (json) => {
    await expect(buffer(contentOf(inChunks(json, 5)))).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('whoever stops reading ends the download', async () => {
    const source = inChunks(JSON.stringify(attachment('x'.repeat(MEBIBYTE)).body), 1024);
    const content = contentOf(source);
    await content[Symbol.asyncIterator]().next();
    content.destroy();
    await new Promise((closed) => source.once('close', closed));
    expect(source.destroyed).toBe(true);
  });
});

describe('An agent’s message', () => {
  let fake: Fake;
  afterEach(() => fake.stop());

  /** A message of these parts. */
  async function contents(parts: object[], answers: Answers = () => undefined) {
    fake = await startFake(
      having(
        () => [transaction(1, 'Correspond')],
        (asked) => (asked.path === '/REST/2.0/attachments' ? page(parts) : answers(asked)),
      ),
    );
    const { events } = await fake.contactCenter.poll!.read(JSON.stringify({ after: 0, missing: [], aside: [] }));
    return events.map((event) => (event.type === 'agent-message' ? event.message.content : undefined));
  }

  test('a text over a mebibyte is not read, and reported by its size', async () => {
    const found = await contents([part('9', 'text/html', { ContentLength: `${3 * MEBIBYTE}` })]);
    expect(found).toEqual([{ kind: 'omitted', bytes: 3 * MEBIBYTE }]);
    expect(fake.asked.filter(({ path }) => path.startsWith('/REST/2.0/attachment/'))).toEqual([]);
  });

  test('where no size is known, reading ends at a mebibyte', async () => {
    const found = await contents([part('9', 'text/plain')], ({ path }) =>
      path === '/REST/2.0/attachment/9' ? attachment('x'.repeat(2 * MEBIBYTE)) : undefined,
    );
    expect(found).toEqual([{ kind: 'omitted', bytes: MEBIBYTE }]);
  });

  test('the texts of one message share that limit', async () => {
    const size = { ContentLength: `${0.7 * MEBIBYTE}` };
    const found = await contents([part('8', 'text/plain', size), part('9', 'text/plain', size)], ({ path }) =>
      path.startsWith('/REST/2.0/attachment/') ? attachment('x'.repeat(0.7 * MEBIBYTE)) : undefined,
    );
    expect(found.map((content) => content?.kind)).toEqual(['text', 'omitted']);
  });

  test('200 kB of hostile HTML hold the feed up for no more than a moment', async () => {
    const start = performance.now();
    await contents([part('9', 'text/html')], ({ path }) =>
      path === '/REST/2.0/attachment/9' ? attachment('<a href="'.repeat(22_000)) : undefined,
    );
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('a message of more parts than a page arrives whole', async () => {
    const files = Array.from({ length: 150 }, (_, i) => part(`${i + 1}`, 'image/png', { Filename: `${i}.png` }));
    fake = await startFake(
      having(
        () => [transaction(1, 'Correspond')],
        ({ path, query }) => {
          if (path !== '/REST/2.0/attachments') return undefined;
          const first = (Number(query.get('page')) - 1) * 100;
          return page(files.slice(first, first + 100));
        },
      ),
    );
    const { events } = await fake.contactCenter.poll!.read(JSON.stringify({ after: 0, missing: [], aside: [] }));
    expect(events).toHaveLength(150);
  });

  test('a file is streamed with its name, type and size', async () => {
    await contents([part('9', 'application/pdf', { Filename: 'form.pdf', ContentLength: '5' })], ({ path }) =>
      path === '/REST/2.0/attachment/9' ? attachment('bytes') : undefined,
    );
    const { stream, ...file } = await fake.contactCenter.files!.open('9');
    expect(file).toEqual({ name: 'form.pdf', mimeType: 'application/pdf', size: 5 });
    expect((await buffer(stream)).toString()).toBe('bytes');
  });

  test.each(['9', 'x', '../ticket/1'])('the file %s that does not exist is not-found', async (file) => {
    await contents([]);
    await expect(fake.contactCenter.files!.open(file)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('is read again by its ids, and only those of its own ticket', async () => {
    const happened = [transaction(1, 'Correspond'), transaction(2, 'Correspond', { ObjectId: '2' })];
    const parts = [part('8', 'text/plain'), part('9', 'image/png', { Filename: 'a.png' })];
    fake = await startFake(
      having(
        () => happened,
        ({ path }) => (path === '/REST/2.0/attachments' ? page(parts) : undefined),
      ),
    );
    const read = (ids: string[]) => fake.contactCenter.agentMessages!.read({ id: '1' }, ids);
    expect(await read(['1', '1.1', '2', '3', 'x'])).toMatchObject([
      { id: '1', agent: { name: 'Alice Agent' }, content: { kind: 'text', text: 'Hi' } },
      { id: '1.1', content: { kind: 'file', name: 'a.png' } },
    ]);
    expect((await read(['1.1'])).map(({ id }) => id)).toEqual(['1.1']);
    expect(await read(['x'])).toEqual([]);
  });
});
