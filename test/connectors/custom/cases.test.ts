import type { CaseMessage, ContactCenter } from '../../../connectors/contact-center';
import { readWhole } from '../../../connectors/shared/files';
import { storedFile } from '../../support/files';
import { connect, KEY, opening, startRig, textMessage, withAnswer, withDesk, type Rig } from './support';

let rig: Rig;
let contactCenter: ContactCenter;

beforeAll(async () => {
  rig = await startRig();
  contactCenter = connect({ baseUrl: rig.baseUrl, openCases: true });
});
afterEach(() => rig.desk.reset());
afterAll(() => rig.stop());

const MIB = 1024 * 1024;
const theCase = () => rig.desk.cases()[0]!;
const file = (id: string, size: number): CaseMessage => ({
  ...textMessage(id),
  content: { kind: 'file', media: 'image', source: { url: 'https://platform.example/1' } },
  file: storedFile({ name: 'a.png', mimeType: 'image/png', bytes: Buffer.alloc(size, 1) }),
});

describe('opening a case', () => {
  test('the desk gets all that the agent needs', async () => {
    const all = opening({ summary: 'wants a refund', language: 'hr' });
    const ref = await contactCenter.openCase(all);
    expect(theCase()).toMatchObject(all);
    expect(ref).toEqual({ id: theCase().id, url: `${rig.baseUrl}/sandbox/cases/${theCase().id}` });
  });

  test('a transcript says of what the desk cannot have that it was there', async () => {
    const at = '2026-11-21T12:00:00Z';
    const entries = [
      { at, author: 'agent' as const, content: { kind: 'omitted' as const, bytes: 3_000_000 } },
      {
        at,
        author: 'agent' as const,
        content: { kind: 'file' as const, media: 'image' as const, name: 'a.png', source: { contactCenterFile: 'f' } },
      },
    ];
    await contactCenter.openCase(opening({ transcript: { entries } }));
    expect(theCase().transcript.entries.map(({ content }) => content)).toEqual([
      { kind: 'other', type: 'omitted', text: '[message of 3000000 bytes, too large to be shown]' },
      { kind: 'other', type: 'file', text: '[image: a.png]' },
    ]);
  });

  test('a broken link to the case costs the link, not the case', async () => {
    await withAnswer(201, { id: '1', url: 'javascript:alert(1)' }, (desk) =>
      expect(desk.openCase(opening())).resolves.toEqual({ id: '1' }),
    );
  });

  test.each(['.', '..', '', 'x'.repeat(201)])('a case id that would change the path is refused: %p', async (id) => {
    await withAnswer(201, { id }, (desk) =>
      expect(desk.openCase(opening())).rejects.toMatchObject({ kind: 'ambiguous' }),
    );
  });
});

describe('finding a case', () => {
  test("the desk's own word says whether it is open or closed", async () => {
    await expect(contactCenter.findCase(KEY)).resolves.toBeUndefined();
    const ref = await contactCenter.openCase(opening());
    await expect(contactCenter.findCase(KEY)).resolves.toEqual({ ref, status: 'open' });
    await contactCenter.close(ref, 'conversation-ended');
    await expect(contactCenter.findCase(KEY)).resolves.toEqual({ ref, status: 'closed' });
  });

  test('a case of which the desk does not say whether it is closed counts as open', async () => {
    await withAnswer(200, { cases: [{ id: '1' }] }, (desk) =>
      expect(desk.findCase(KEY)).resolves.toEqual({ ref: { id: '1' }, status: 'open' }),
    );
  });

  test('a case with another key is not taken for this one', async () => {
    const cases = [{ id: '1', key: `${KEY}2` }];
    await withAnswer(200, { cases }, (desk) => expect(desk.findCase(KEY)).resolves.toBeUndefined());
  });

  test('keys and ids arrive whole, whatever characters they hold', async () => {
    const key = "handoff:main:a/b?c=d&e f'ü+%#0123456789ab.1";
    const ref = await contactCenter.openCase(opening({ key }));
    await expect(contactCenter.findCase(key)).resolves.toMatchObject({ ref });
    await contactCenter.append(ref, [textMessage(key)]);
    await expect(contactCenter.findAppended(ref, ['a', key])).resolves.toEqual([key]);
  });

  test('open cases are listed with their keys, without those of others', async () => {
    const [first, second] = ['1', '2'].map((number) => `handoff:main:c-${number}#0123456789ab.1`) as [string, string];
    const closed = await contactCenter.openCase(opening({ key: first }));
    const open = await contactCenter.openCase(opening({ key: second }));
    await contactCenter.openCase(opening({ key: 'not a key of a handoff' }));
    await contactCenter.close(closed, 'conversation-ended');
    await expect(contactCenter.openCases!.list(10)).resolves.toEqual([{ key: second, ref: open }]);
  });

  test('a desk that lists more open cases than asked for, or closed ones, changes nothing', async () => {
    const key = (n: number) => `handoff:main:c-${n}#0123456789ab.1`;
    const cases = [1, 2, 3].map((n) => ({ id: String(n), key: key(n), status: n === 1 ? 'closed' : 'open' }));
    await withAnswer(200, { cases }, (desk) =>
      expect(desk.openCases!.list(1)).resolves.toEqual([{ key: key(2), ref: { id: '2' } }]),
    );
  });
});

describe('files for the agent', () => {
  test('a file goes along with its bytes, one above 4 MiB as its URL', async () => {
    const ref = await contactCenter.openCase(opening());
    await contactCenter.append(ref, [file('small', 10), file('large', 4 * MIB + 1)]);
    const [small, large] = theCase().messages.map(({ content }) => content);
    const source = { base64: Buffer.alloc(10, 1).toString('base64') };
    expect(small).toEqual({ kind: 'file', media: 'image', name: 'a.png', mimeType: 'image/png', source });
    expect(large).toMatchObject({ source: { url: 'https://platform.example/1' } });
  });
});

describe('closing a case', () => {
  test('the desk gets the reason', async () => {
    const bodies: string[] = [];
    await withDesk(
      (req, res) => {
        req.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
        req.on('end', () => res.writeHead(204).end());
      },
      (desk) => desk.close({ id: '1' }, 'transferred'),
    );
    expect(bodies).toEqual(['{"reason":"transferred"}']);
  });

  test('a case that the desk calls closed is a success', async () => {
    await withAnswer(409, { code: 'case-closed' }, (desk) =>
      expect(desk.close({ id: '1' }, 'unavailable')).resolves.toBeUndefined(),
    );
  });
});

test('the agent sees that the end user types and has read', async () => {
  const ref = await contactCenter.openCase(opening());
  await contactCenter.presence!.show(ref, { type: 'typing' });
  await contactCenter.presence!.show(ref, { type: 'read' });
  expect(theCase().endUser).toEqual({ typingAt: expect.any(String), readAt: expect.any(String) });
});

test('a desk that does not say whether agents are there counts as available', async () => {
  await expect(contactCenter.availability!('Billing')).resolves.toBe('available');
  await rig.control('availability', { available: false });
  await expect(contactCenter.availability!(undefined)).resolves.toBe('unavailable');
  await withAnswer(404, {}, (silent) => expect(silent.availability!('Billing')).resolves.toBe('available'));
});

describe("an agent's file", () => {
  test('it comes from the desk as it is', async () => {
    await contactCenter.openCase(opening());
    const content = { kind: 'file', media: 'document', mimeType: 'application/pdf', source: { base64: 'UERG' } };
    const { body } = await rig.control(`cases/${theCase().id}/messages`, { content });
    const { source } = body.content as { source: { contactCenterFile: string } };
    const found = await contactCenter.files!.open(source.contactCenterFile);
    expect(found).toMatchObject({ mimeType: 'application/pdf', size: 3 });
    const { bytes } = await readWhole('The desk', found, { maxBytes: 10, timeoutMs: 1_000 });
    expect(bytes.toString()).toBe('PDF');
  });

  test('it is handed on as it comes, with no more of it held than a little', async () => {
    let sent = 0;
    const size = 64 * MIB;
    await withDesk(
      (_req, res) => {
        res.writeHead(200, { 'content-type': 'video/mp4', 'content-length': size });
        const send = () => {
          while (sent < size) {
            sent += MIB;
            if (!res.write(Buffer.alloc(MIB))) return void res.once('drain', send);
          }
          res.end();
        };
        send();
      },
      async (desk) => {
        const { stream } = await desk.files!.open('f-1');
        // Nobody reads yet: the sender is held back by the stream, whatever time passes.
        for (let turns = 0; turns < 200; turns++) await new Promise((resolve) => setImmediate(resolve));
        expect(sent).toBeLessThan(size / 2);
        stream.destroy();
      },
    );
  });

  test('one that the desk does not have is not found, and a page of a proxy says nothing about it', async () => {
    await expect(contactCenter.files!.open('nope')).rejects.toMatchObject({ kind: 'not-found' });
    await withAnswer(404, '<h1>404</h1>', (desk) =>
      expect(desk.files!.open('f-1')).rejects.toMatchObject({ kind: 'unavailable' }),
    );
  });
});
