import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CaseMessage, ContactCenter } from '../../../connectors/contact-center';
import { connect, KEY, newSecret, opening, startRig, type Rig } from './support';

let rig: Rig;
let contactCenter: ContactCenter;

beforeAll(async () => {
  rig = await startRig();
  contactCenter = connect({ baseUrl: rig.baseUrl, timeoutMs: 500 });
});
afterEach(() => rig.desk.reset());
afterAll(() => rig.stop());

const text = (id: string, words = 'hello'): CaseMessage => ({
  id,
  at: '2026-11-21T12:00:01Z',
  author: 'Ivana',
  content: { kind: 'text', text: words },
});
const theCase = () => rig.desk.cases()[0]!;
const fault = (fault: object) => rig.control('faults', { api: { next: [fault] } });

describe('cases', () => {
  test('a case opens with all that the agent needs, and is found by its key', async () => {
    await expect(contactCenter.findCase(KEY)).resolves.toBeUndefined();
    const ref = await contactCenter.openCase(opening({ summary: 'wants a refund', language: 'hr' }));
    expect(theCase()).toMatchObject(opening({ summary: 'wants a refund', language: 'hr' }));
    expect(ref).toEqual({ id: theCase().id, url: `${rig.baseUrl}/sandbox/cases/${theCase().id}` });
    await expect(contactCenter.findCase(KEY)).resolves.toEqual(ref);
  });

  test('opening it twice makes one case', async () => {
    const first = await contactCenter.openCase(opening());
    await expect(contactCenter.openCase(opening())).resolves.toEqual(first);
    expect(rig.desk.cases()).toHaveLength(1);
  });

  test('keys and ids arrive whole, whatever characters they hold', async () => {
    const key = "handoff:main:a/b?c=d&e f'ü+%#0123456789ab";
    const ref = await contactCenter.openCase(opening({ key }));
    await expect(contactCenter.findCase(key)).resolves.toEqual(ref);
    await contactCenter.append(ref, [text(key)]);
    await expect(contactCenter.findAppended(ref, ['a', key])).resolves.toEqual([key]);
  });

  test('messages arrive in order, and those that come again count once', async () => {
    const ref = await contactCenter.openCase(opening());
    await contactCenter.append(ref, [text('m-1'), text('m-2')]);
    await contactCenter.append(ref, [text('m-2'), text('m-3')]);
    expect(theCase().messages.map(({ id }) => id)).toEqual(['m-1', 'm-2', 'm-3']);
    await expect(contactCenter.findAppended(ref, ['m-3', 'm-4', 'm-1'])).resolves.toEqual(['m-3', 'm-1']);
  });

  test('a file travels with its bytes, a very large one as its address', async () => {
    const ref = await contactCenter.openCase(opening());
    const file = (id: string, size: number): CaseMessage => ({
      ...text(id),
      content: { kind: 'file', media: 'image', source: { url: 'https://platform.example/1' } },
      file: { name: 'a.png', mimeType: 'image/png', bytes: Buffer.alloc(size, 1) },
    });
    await contactCenter.append(ref, [file('small', 10), file('large', 5 * 1024 * 1024)]);
    const [small, large] = theCase().messages.map(({ content }) => content);
    const source = { base64: Buffer.alloc(10, 1).toString('base64') };
    expect(small).toEqual({ kind: 'file', media: 'image', name: 'a.png', mimeType: 'image/png', source });
    expect(large).toMatchObject({ source: { url: 'https://platform.example/1' } });
  });

  test('the largest append there can be gets through', async () => {
    const ref = await contactCenter.openCase(opening());
    const bytes = Buffer.alloc(4 * 1024 * 1024, 1);
    const messages = Array.from({ length: contactCenter.capabilities.appendBatch }, (_, i): CaseMessage => ({
      ...text(`m-${i}`),
      content: { kind: 'file', media: 'image', source: { url: 'https://platform.example/1' } },
      file: { name: 'a.png', mimeType: 'image/png', bytes },
    }));
    await connect({ baseUrl: rig.baseUrl }).append(ref, messages);
    expect(theCase().messages).toHaveLength(messages.length);
  });

  test('a note is for agents alone, and counts once', async () => {
    const ref = await contactCenter.openCase(opening());
    await contactCenter.note(ref, 'n-1', 'the end user left');
    await contactCenter.note(ref, 'n-1', 'the end user left');
    expect(theCase()).toMatchObject({ messages: [], notes: [{ id: 'n-1', text: 'the end user left' }] });
  });

  test('closing twice is a success, and what comes later still reaches the case', async () => {
    const ref = await contactCenter.openCase(opening());
    await contactCenter.close(ref);
    await contactCenter.close(ref);
    await contactCenter.append(ref, [text('late')]);
    expect(theCase()).toMatchObject({ status: 'closed', messages: [{ id: 'late' }] });
  });

  test('the agent sees that the end user types and has read', async () => {
    const ref = await contactCenter.openCase(opening());
    await contactCenter.showPresence!(ref, { type: 'typing' });
    await contactCenter.showPresence!(ref, { type: 'read' });
    expect(theCase().endUser).toEqual({ typingAt: expect.any(String), readAt: expect.any(String) });
  });

  test('whether agents are there is asked, and taken as unknown where the desk does not say', async () => {
    await expect(contactCenter.availability!('Billing')).resolves.toBe('available');
    await rig.control('availability', { available: false });
    await expect(contactCenter.availability!(undefined)).resolves.toBe('unavailable');
    await withAnswer(404, {}, (silent) => expect(silent.availability!('Billing')).resolves.toBe('unknown'));
  });

  test("an agent's file is fetched from the desk", async () => {
    await contactCenter.openCase(opening());
    const content = { kind: 'file', media: 'document', mimeType: 'application/pdf', source: { base64: 'UERG' } };
    const { body } = await rig.control(`cases/${theCase().id}/messages`, { content });
    const { source } = body.content as { source: { contactCenterFile: string } };
    await expect(contactCenter.download!(source.contactCenterFile)).resolves.toMatchObject({
      mimeType: 'application/pdf',
      bytes: Buffer.from('PDF'),
    });
  });
});

describe('the feed of events', () => {
  test('a watch that starts now reads what follows, each event once', async () => {
    const ref = await contactCenter.openCase(opening());
    await rig.control(`cases/${ref.id}/join`, { agent: { name: 'Ana' } });
    const start = await contactCenter.startCursor!();
    await rig.control(`cases/${ref.id}/messages`, { text: 'Hello' });
    await rig.control(`cases/${ref.id}/typing`, {});
    await rig.control(`cases/${ref.id}/close`, {});
    const found = await contactCenter.poll!(start);
    expect(found).toMatchObject({
      events: [{ type: 'agent-message', caseKey: KEY, message: { agent: { name: 'Ana' } } }, { type: 'case-closed' }],
      more: false,
    });
    await expect(contactCenter.poll!(found.cursor)).resolves.toMatchObject({ events: [], cursor: found.cursor });
  });

  test('a long feed comes in pages, and none is skipped', async () => {
    const ref = await contactCenter.openCase(opening());
    let cursor = await contactCenter.startCursor!();
    for (let i = 0; i < 120; i++) await rig.control(`cases/${ref.id}/messages`, { text: String(i) });
    const words: unknown[] = [];
    for (let more = true; more;) {
      const page = await contactCenter.poll!(cursor);
      words.push(...page.events.map((event) => 'message' in event && event.message.content));
      ({ cursor, more } = page);
    }
    expect(words).toEqual(Array.from({ length: 120 }, (_, i) => ({ kind: 'text', text: String(i) })));
  });
});

describe('when the desk does not do what it was asked', () => {
  test('a call that is signed wrongly has no effect', async () => {
    const stranger = connect({ baseUrl: rig.baseUrl, secret: newSecret() });
    await expect(stranger.openCase(opening())).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(rig.desk.cases()).toEqual([]);
  });

  test.each([
    [
      { answer: 429, retryAfter: 7 },
      { kind: 'rate-limited', details: { status: 429, retryAfterMs: 7_000 } },
    ],
    [
      { answer: 503, retryAfter: 2 },
      { kind: 'unavailable', details: { retryAfterMs: 2_000 } },
    ],
    [{ answer: 500 }, { kind: 'ambiguous' }],
    [{ answer: 'slow', delayMs: 1_000 }, { kind: 'ambiguous' }],
  ])('%j is told apart', async (asked, error) => {
    await fault(asked);
    await expect(contactCenter.openCase(opening())).rejects.toMatchObject(error);
  });

  test('an answer that is lost is ambiguous, and reading back tells that the messages are there', async () => {
    const ref = await contactCenter.openCase(opening());
    await fault({ match: 'POST .*/messages', answer: 'timeout-after-effect' });
    await expect(contactCenter.append(ref, [text('m-1')])).rejects.toMatchObject({ kind: 'ambiguous' });
    await expect(contactCenter.findAppended(ref, ['m-1', 'm-2'])).resolves.toEqual(['m-1']);
  });

  test('a desk that is not there is unavailable', async () => {
    const nowhere = connect({ baseUrl: 'http://127.0.0.1:1' });
    await expect(nowhere.findCase(KEY)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('a case nobody knows is not found', async () => {
    await expect(contactCenter.append({ id: 'nope' }, [text('m-1')])).rejects.toMatchObject({ kind: 'not-found' });
  });

  test.each([
    [409, { code: 'case-closed', detail: 'closed' }, 'case-closed'],
    [413, {}, 'too-large'],
    [422, { code: 'unsupported' }, 'unsupported'],
    [400, { code: 'something else' }, 'rejected'],
    [401, { code: 'rejected' }, 'unauthorized'],
    [500, { code: 'rejected' }, 'ambiguous'],
  ])('a refusal with %i and %j is %s', async (status, body, kind) => {
    await withAnswer(status, body, (desk) =>
      expect(desk.append({ id: '1' }, [text('m-1', 'a secret')])).rejects.toMatchObject({ kind }),
    );
  });

  test('closing a case that the desk calls closed is a success', async () => {
    await withAnswer(409, { code: 'case-closed' }, (desk) => expect(desk.close({ id: '1' })).resolves.toBeUndefined());
  });

  test('a success that names no case is no success', async () => {
    await withAnswer(200, { ok: true }, (desk) =>
      expect(desk.openCase(opening())).rejects.toMatchObject({ kind: 'ambiguous' }),
    );
  });

  test('an event that breaks the contract does not hold up the feed', async () => {
    const good = { type: 'case.closed', id: 'e-2', at: '2026-11-21T12:00:00Z', caseKey: KEY };
    await withAnswer(200, { events: [{ type: 'agent.message' }, good], cursor: '2' }, (desk) =>
      expect(desk.poll!('0')).resolves.toMatchObject({ events: [{ type: 'case-closed' }], cursor: '2', more: false }),
    );
  });
});

/** A desk that has one answer to everything. */
async function withAnswer(status: number, body: object, use: (desk: ContactCenter) => Promise<unknown>) {
  const server = createServer((_req, res) => res.writeHead(status).end(JSON.stringify(body)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(connect({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
