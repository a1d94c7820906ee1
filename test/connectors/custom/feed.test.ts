import type { RequestListener } from 'node:http';
import type { ContactCenter } from '../../../connectors/contact-center';
import { connect, KEY, opening, startRig, textMessage, withAnswer, withDesk, type Rig } from './support';

let rig: Rig;
let contactCenter: ContactCenter;

beforeAll(async () => {
  rig = await startRig();
  contactCenter = connect({ baseUrl: rig.baseUrl, agentMessages: true });
});
// All of this is about events that come by the feed alone.
beforeEach(() => rig.control('faults', { webhooks: { delivery: 'never' } }));
afterEach(() => rig.desk.reset());
afterAll(() => rig.stop());

const envelope = { at: '2026-11-21T12:00:00Z', caseKey: KEY };
const closed = { ...envelope, type: 'case.closed', id: 'e-2' };
const said = (id: string, text: string) => ({
  ...envelope,
  type: 'agent.message',
  id,
  agent: { name: 'Ana' },
  content: { kind: 'text', text },
});

/** The cursor of now, and what an agent does after it. */
async function after(...acts: [action: string, body: object][]): Promise<string> {
  const ref = await contactCenter.openCase(opening());
  const start = await contactCenter.poll!.start();
  for (const [action, body] of acts) await rig.control(`cases/${ref.id}/${action}`, body);
  return start;
}

describe('reading the feed', () => {
  test('a long feed comes in pages, and none is skipped', async () => {
    const texts = Array.from({ length: 105 }, (_, i) => String(i));
    let cursor = await after(...texts.map((text): [string, object] => ['messages', { text }]));
    const found: unknown[] = [];
    for (let more = true; more;) {
      const page = await contactCenter.poll!.read(cursor);
      found.push(...page.events.map((event) => 'message' in event && event.message.content));
      ({ cursor, more } = page);
    }
    expect(found).toEqual(texts.map((text) => ({ kind: 'text', text })));
  });

  test('events that break the contract are passed over and counted, presence and unknown types are not', async () => {
    const events = [
      'not an event',
      { type: 'agent.message' },
      { ...envelope, type: 'agent.typing', agent: { name: 'Ana' }, id: 'e-1' },
      { type: 'case.starred' },
      closed,
    ];
    await withAnswer(200, { events, cursor: '2' }, (desk) =>
      expect(desk.poll!.read('0')).resolves.toEqual({
        events: [{ type: 'case-closed', caseKey: KEY, id: 'e-2', at: '2026-11-21T12:00:00.000Z' }],
        cursor: '2',
        more: false,
        unreadable: 2,
      }),
    );
  });

  test('a message of 2 MB comes as its size, and what follows it comes', async () => {
    const start = await after(['messages', { text: 'x'.repeat(2_000_000) }], ['messages', { text: 'next' }]);
    await expect(contactCenter.poll!.read(start)).resolves.toMatchObject({
      events: [
        { message: { content: { kind: 'omitted', bytes: 2_000_000 } } },
        { message: { content: { kind: 'text', text: 'next' } } },
      ],
      unreadable: 0,
    });
  });

  test('a cursor that stands still is not asked for again at once', async () => {
    await withAnswer(200, { events: [], cursor: '0', more: true }, (desk) =>
      expect(desk.poll!.read('0')).resolves.toMatchObject({ more: false }),
    );
  });
});

test.each(['silently', 'by-api'])(
  'a desk that opens a closed case %s because of our append has not been reopened by an agent',
  async (reopenOnAppend) => {
    await rig.control('behavior', { reopenOnAppend });
    const start = await after(['close', {}]);
    const { ref } = (await contactCenter.findCase(KEY))!;
    await contactCenter.append(ref, [textMessage('late')]);
    await expect(contactCenter.findCase(KEY)).resolves.toMatchObject({ status: 'open' });
    const { events } = await contactCenter.poll!.read(start);
    expect(events.map(({ type }) => type)).toEqual(['case-closed']);
  },
);

describe('a page that is too large', () => {
  test('is asked for again in smaller ones, until one event alone is left', async () => {
    const start = await after(
      ['messages', { text: 'x'.repeat(9_000_000) }],
      ['messages', { text: 'y'.repeat(1_000_000) }],
      ['messages', { text: 'next' }],
    );
    const first = await contactCenter.poll!.read(start);
    expect(first).toMatchObject({ events: [{ message: { content: { kind: 'omitted', bytes: 9_000_000 } } }] });
    expect(first.more).toBe(true);
    const rest = await contactCenter.poll!.read(first.cursor);
    expect(rest).toMatchObject({
      events: [
        { message: { content: { kind: 'omitted', bytes: 1_000_000 } } },
        { message: { content: { text: 'next' } } },
      ],
      more: false,
    });
  });

  test('is not read to its end, and where it cannot be smaller the error says what the desk has to do', async () => {
    const asked: (string | null)[] = [];
    let sent = 0;
    const endless: RequestListener = (req, res) => {
      asked.push(new URL(req.url!, 'http://desk').searchParams.get('limit'));
      const send = () => {
        while (!res.destroyed) {
          sent += 1_000_000;
          if (!res.write(' '.repeat(1_000_000))) return void res.once('drain', send);
        }
      };
      send();
    };
    await withDesk(endless, (desk) =>
      expect(desk.poll!.read('7')).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringMatching(/reading events after '7' .* 32 MiB with limit=1.*shorten/),
      }),
    );
    expect(asked).toEqual(['100', '10', '1']);
    expect(sent).toBeLessThan(80_000_000);
  });
});

describe("an agent's messages, read again", () => {
  test('they come by their ids, in the order asked for, and those that are gone are left out', async () => {
    const ref = await contactCenter.openCase(opening());
    const ids: string[] = [];
    for (let i = 0; i < 25; i++) {
      const { body } = await rig.control(`cases/${ref.id}/messages`, { text: String(i) });
      ids.push(body.id as string);
    }
    const wanted = ['gone', ...ids.toReversed()];
    const found = await contactCenter.agentMessages!.read(ref, wanted);
    expect(found.map(({ id }) => id)).toEqual(ids.toReversed());
    expect(found[0]).toMatchObject({ agent: { name: 'Ana' }, content: { kind: 'text', text: '24' } });
  });

  test('one that breaks the contract is left out, and one that is too long comes as its size', async () => {
    const messages = [{ id: 'e-1' }, said('e-2', 'x'.repeat(300_000)), said('e-3', 'Hello')];
    await withAnswer(200, { messages }, (desk) =>
      expect(desk.agentMessages!.read({ id: '1' }, ['e-1', 'e-2', 'e-3'])).resolves.toMatchObject([
        { id: 'e-2', content: { kind: 'omitted', bytes: 300_000 } },
        { id: 'e-3', content: { text: 'Hello' } },
      ]),
    );
  });

  test('together too large, they come in halves', async () => {
    const listener: RequestListener = (req, res) => {
      const ids = new URL(req.url!, 'http://desk').searchParams.getAll('ids');
      res.end(JSON.stringify({ messages: ids.map((id) => said(id, 'x'.repeat(3_000_000))) }));
    };
    await withDesk(listener, async (desk) => {
      const ids = ['e-1', 'e-2', 'e-3', 'e-4', 'e-5'];
      const found = await desk.agentMessages!.read({ id: '1' }, ids);
      expect(found.map(({ id }) => id)).toEqual(ids);
    });
  });
});
