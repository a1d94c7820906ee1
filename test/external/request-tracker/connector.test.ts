import axios from 'axios';
import { requestTracker } from '../../../connectors/request-tracker';
import type { CaseMessage, CaseOpening, ContactCenter } from '../../../connectors/contact-center';
import type { ContactCenterEvent } from '../../../domain/events';
import {
  describeWithRequestTracker,
  startRequestTracker,
  type RequestTrackerServer,
} from '../../support/request-tracker';

const PDF = Buffer.from([0x25, 0x50, 0x44, 0x46, 0x00, 0xff, 0xfe, 0x80, 0x0a]);

describeWithRequestTracker('The connector and a real Request Tracker', () => {
  let rt: RequestTrackerServer;
  let contactCenter: ContactCenter;
  let cursor: string;
  let count = 0;

  beforeAll(async () => {
    rt = await startRequestTracker();
    contactCenter = connect();
  }, 120_000);
  afterAll(() => rt?.stop());
  beforeEach(async () => {
    cursor = await contactCenter.startCursor!();
  });

  function connect(settings: Record<string, unknown> = {}): ContactCenter {
    const { baseUrl, username, password } = rt;
    const parsed = requestTracker.settings.parse({ kind: 'request-tracker', baseUrl, username, password, ...settings });
    return requestTracker.create(parsed as { kind: string }, { account: 'main' });
  }

  function opening(more: Partial<CaseOpening> = {}): CaseOpening {
    const id = `Conversation-${++count}`;
    return {
      key: `handoff:main:${id}#0123456789ab`,
      subject: 'Chat with Zoë Müller',
      priority: 'HIGH',
      customer: { id, name: 'Zoë "Z" Müller, 日本' },
      tags: ['billing'],
      attributes: { campaign: 'spring' },
      summary: 'Wants a refund.',
      transcript: {
        entries: [{ at: '2026-11-21T12:00:03Z', author: 'end-user', content: { kind: 'text', text: 'Hallo 👋' } }],
      },
      ...more,
    };
  }

  function message(id: string, text: string, more: Partial<CaseMessage> = {}): CaseMessage {
    return { id, at: '2026-11-21T12:01:00Z', author: 'Zoë', content: { kind: 'text', text }, ...more };
  }

  /** All that has happened since the test began or last asked. */
  async function news(): Promise<ContactCenterEvent[]> {
    const found: ContactCenterEvent[] = [];
    for (let more = true; more;) {
      const result = await contactCenter.poll!(cursor);
      found.push(...result.events);
      ({ cursor, more } = result);
    }
    return found;
  }

  test('a case starts with summary, facts and transcript, in its queue, with its priority, from its customer', async () => {
    const ref = await contactCenter.openCase(opening());
    const [first] = await rt.actions.read(ref.id);
    expect(first?.text).toBe(
      [
        'Wants a refund.',
        '',
        'Customer: Zoë "Z" Müller, 日本',
        'Tags: billing',
        'campaign: spring',
        '',
        '2026-11-21 12:00:03 UTC  Customer: Hallo 👋',
      ].join('\n'),
    );
    expect(ref.url).toBe(`${rt.baseUrl}/Ticket/Display.html?id=${ref.id}`);
    expect(await rt.actions.ticket(ref.id)).toMatchObject({ Subject: 'Chat with Zoë Müller', Priority: '80' });
  });

  test.each([`it's`, 'back\\slash', `a "q" %_`, '{x}', 'end\\', 'ünï 🙂', `a'b\\'c`])(
    'a case is found by its key and is not opened twice, whatever the conversation is called: %s',
    async (name) => {
      const own = opening({ key: `handoff:main:${name}#0123456789ab` });
      expect(await contactCenter.findCase(own.key)).toBeUndefined();
      const ref = await contactCenter.openCase(own);
      expect(await contactCenter.findCase(own.key)).toEqual(ref);
      expect(await contactCenter.openCase(own)).toEqual(ref);
    },
  );

  test('a key that differs in nothing but the case of letters is another key', async () => {
    await contactCenter.openCase(opening({ key: 'handoff:main:abc#0123456789ab' }));
    expect(await contactCenter.findCase('handoff:main:ABC#0123456789ab')).toBeUndefined();
  });

  test('a queue without the custom field is refused with words that say what to do', async () => {
    const attempt = contactCenter.openCase(opening({ queue: 'Bare' }));
    await expect(attempt).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(/'Bare' has no ticket custom field 'HandoffKey'.*Admin > Custom Fields/),
    });
  });

  test('a queue that does not exist is refused by name', async () => {
    const attempt = contactCenter.openCase(opening({ queue: 'Nowhere' }));
    await expect(attempt).rejects.toMatchObject({ kind: 'rejected', message: expect.stringContaining(`'Nowhere'`) });
  });

  test("the end user's messages appear in order as the customer's own, with letters and files whole", async () => {
    const ref = await contactCenter.openCase(opening());
    const file = { name: '長い名前ä'.repeat(10) + '.pdf', mimeType: 'application/pdf', bytes: PDF };
    const content = { kind: 'file', media: 'document', source: { url: 'https://example.com/f' } } as const;
    await contactCenter.append(ref, [message('m1', 'Grüße 👋\nzweite Zeile\n\n.\nFrom: evil@example.com')]);
    await contactCenter.append(ref, [message('m2', '', { content, file })]);
    const [, first, second] = await rt.actions.read(ref.id);
    expect(first).toMatchObject({
      type: 'Correspond',
      author: expect.stringMatching(/^c-[0-9a-f]{24}@handoff.invalid$/),
    });
    expect(first?.text).toBe('Grüße 👋\nzweite Zeile\n\n.\nFrom: evil@example.com');
    expect(second?.text).toBe(`[document: ${file.name}]`);
    expect(second?.files).toEqual([file]);
  });

  test('where the customer may not reply, our own account writes the message under the customer’s name', async () => {
    const ref = await contactCenter.openCase(opening({ queue: 'Internal' }));
    const file = { name: 'Größe 日本.pdf', mimeType: 'application/pdf', bytes: PDF };
    const content = { kind: 'file', media: 'document', source: { url: 'https://example.com/f' } } as const;
    await contactCenter.append(ref, [message('m1', 'Hallo')]);
    await contactCenter.append(ref, [message('m2', '', { content, file })]);
    const [, first, second] = await rt.actions.read(ref.id);
    expect(first).toMatchObject({ author: 'handoff', text: 'Zoë: Hallo' });
    expect(second?.files).toEqual([file]);
    expect(await contactCenter.findAppended(ref, ['m1', 'm2', 'm3'])).toEqual(['m1', 'm2']);
  });

  test('what was appended can be read back, and only in its own case', async () => {
    const [ref, other] = [await contactCenter.openCase(opening()), await contactCenter.openCase(opening())];
    await contactCenter.append(ref, [message('m1', 'one')]);
    await contactCenter.append(ref, [message('m3', 'three')]);
    expect(await contactCenter.findAppended(ref, ['m1', 'm2', 'm3'])).toEqual(['m1', 'm3']);
    expect(await contactCenter.findAppended(other, ['m1', 'm3'])).toEqual([]);
  });

  test('nobody speaks in an agent’s name by giving the agent’s address', async () => {
    const ref = await contactCenter.openCase(
      opening({ customer: { id: 'imposter', name: 'Imp', email: 'alice@agents.invalid' } }),
    );
    await contactCenter.append(ref, [message('m1', 'I am Alice')]);
    const authors = (await rt.actions.read(ref.id)).map(({ author }) => author);
    expect(authors).toEqual(['handoff', 'imposter@handoff.invalid']);
  });

  test('a customer with an address of their own keeps it', async () => {
    const ref = await contactCenter.openCase(opening({ customer: { id: 'c', email: 'zoe@example.com' } }));
    await contactCenter.append(ref, [message('m1', 'Hi')]);
    expect((await rt.actions.read(ref.id))[1]).toMatchObject({ author: 'zoe@example.com', text: 'Hi' });
  });

  test('a note reaches agents once, however often it is tried, and is no answer', async () => {
    const ref = await contactCenter.openCase(opening());
    await contactCenter.note(ref, 'n1', 'The end user has left.');
    await contactCenter.note(ref, 'n1', 'The end user has left.');
    const notes = (await rt.actions.read(ref.id)).filter(({ type }) => type === 'Comment');
    expect(notes.map(({ text }) => text)).toEqual(['The end user has left.']);
    expect(await news()).toEqual([]);
  });

  test('an agent’s answers arrive in order under the agent’s name; comments and our own messages do not', async () => {
    const own = opening();
    const ref = await contactCenter.openCase(own);
    await rt.actions.reply(ref.id, 'Guten Tag 👋');
    await contactCenter.append(ref, [message('m1', 'Hello?')]);
    await rt.actions.comment(ref.id, 'Difficult customer');
    await rt.actAs(rt.otherAgent).replyHtml(ref.id, '<p>Try <b>this</b>:</p><ul><li>off &amp; on</li></ul>');
    const found = await news();
    expect(found).toMatchObject([
      { caseKey: own.key, message: { agent: { id: 'alice', name: 'Alice Agent' }, content: { text: 'Guten Tag 👋' } } },
      { caseKey: own.key, message: { agent: { id: 'bob' }, content: { text: 'Try this:\n\n- off & on' } } },
    ]);
    expect(await news()).toEqual([]);
  });

  test('a file of an agent’s comes after its text and can be fetched', async () => {
    const ref = await contactCenter.openCase(opening());
    await rt.actions.attach(ref.id, { name: 'form.pdf', mimeType: 'application/pdf', bytes: PDF }, 'Please sign.');
    const messages = (await news()).map((event) => (event.type === 'agent-message' ? event.message : undefined));
    expect(messages.map((each) => each?.content)).toMatchObject([
      { kind: 'text', text: 'Please sign.' },
      { kind: 'file', media: 'document', name: 'form.pdf', mimeType: 'application/pdf' },
    ]);
    expect(new Set(messages.map((each) => each?.id)).size).toBe(2);
    const content = messages[1]?.content;
    if (content?.kind !== 'file' || !('contactCenterFile' in content.source)) throw new Error('no file');
    const file = await contactCenter.download!(content.source.contactCenterFile);
    expect(file).toEqual({ name: 'form.pdf', mimeType: 'application/pdf', bytes: PDF });
  });

  test('taking, stealing and giving away a ticket is joining, joining and being transferred', async () => {
    const ref = await contactCenter.openCase(opening());
    await rt.actions.take(ref.id);
    await rt.actAs(rt.otherAgent).steal(ref.id);
    await rt.actAs(rt.otherAgent).setOwner(ref.id, 'alice');
    await rt.actions.setOwner(ref.id, 'Nobody');
    expect(await news()).toMatchObject([
      { type: 'agent-joined', agent: { name: 'Alice Agent' } },
      { type: 'agent-joined', agent: { name: 'Bob Agent' } },
      { type: 'transferred', to: 'Alice Agent' },
      { type: 'agent-left', agent: { name: 'Alice Agent' } },
    ]);
  });

  test('resolving closes the case, and an answer of the customer’s opens it again', async () => {
    const own = opening();
    const ref = await contactCenter.openCase(own);
    await rt.actions.reply(ref.id, 'Done.');
    await rt.actions.resolve(ref.id);
    expect((await news()).map(({ type }) => type)).toEqual(['agent-message', 'case-closed']);
    await contactCenter.append(ref, [message('m1', 'Not really')]);
    expect((await news()).map(({ type }) => type)).toEqual(['case-reopened']);
  });

  test('closing closes; closing again, or closing what an agent rejected, changes nothing', async () => {
    const ref = await contactCenter.openCase(opening());
    await contactCenter.close(ref);
    await contactCenter.close(ref);
    expect(await rt.actions.ticket(ref.id)).toMatchObject({ Status: 'resolved' });
    const other = await contactCenter.openCase(opening());
    await rt.actions.setStatus(other.id, 'rejected');
    await contactCenter.close(other);
    expect(await rt.actions.ticket(other.id)).toMatchObject({ Status: 'rejected' });
  });

  test('answers in the queue made for chats are not mailed to the customer as well', async () => {
    const mailsOf = async (queue: string) => {
      const ref = await contactCenter.openCase(opening({ queue }));
      await rt.actions.reply(ref.id, 'Hi');
      await rt.actions.resolve(ref.id);
      return rt.actions.mails(ref.id);
    };
    expect(await mailsOf('General')).not.toEqual([]);
    expect(await mailsOf('Chats')).toEqual([]);
  });

  test('tickets that are not ours say nothing', async () => {
    const { data } = await rtApi(rt).post<{ id: string }>('/ticket', { Queue: 'General', Subject: 'Another matter' });
    await rt.actions.reply(data.id, 'About another matter');
    await rt.actions.resolve(data.id);
    expect(await news()).toEqual([]);
  });

  test('wrong credentials are told as such', async () => {
    await expect(connect({ password: 'wrong' }).findCase('k')).rejects.toMatchObject({ kind: 'unauthorized' });
  });
});

function rtApi({ baseUrl, username, password }: RequestTrackerServer) {
  return axios.create({ baseURL: `${baseUrl}/REST/2.0`, auth: { username, password }, proxy: false });
}
