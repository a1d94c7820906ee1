import axios from 'axios';
import { buffer } from 'node:stream/consumers';
import { requestTracker } from '../../../connectors/request-tracker';
import type { CaseMessage, CaseOpening, ContactCenter } from '../../../connectors/contact-center';
import type { ContactCenterEvent } from '../../../domain/events';
import {
  describeWithRequestTracker,
  startRequestTracker,
  type RequestTrackerServer,
} from '../../support/request-tracker';
import { storedFile } from '../../support/files';

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
    cursor = await contactCenter.poll!.start();
  });

  function connect(settings: Record<string, unknown> = {}): ContactCenter {
    const { baseUrl, username, password } = rt;
    const parsed = requestTracker.settings.parse({ kind: 'request-tracker', baseUrl, username, password, ...settings });
    return requestTracker.create(parsed as { kind: string }, { account: 'main', processes: 1 });
  }

  function opening(more: Partial<CaseOpening> = {}): CaseOpening {
    const id = `Conversation-${++count}`;
    return {
      key: `handoff:main:${id}#0123456789ab.1`,
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
      const result = await contactCenter.poll!.read(cursor);
      found.push(...result.events);
      ({ cursor, more } = result);
    }
    return found;
  }

  test('a case starts with summary, facts and transcript, in its queue, with its priority, from its requestor', async () => {
    const ref = await contactCenter.openCase(opening());
    const [first] = await rt.actions.read(ref.id);
    expect(first?.text.split('\n')).toEqual([
      'Wants a refund.',
      '',
      'End user: Zoë "Z" Müller, 日本',
      'Tags: billing',
      'campaign: spring',
      '',
      expect.stringMatching(/^2026-11-21 12:00:03 UTC {2}[^:]+: Hallo 👋$/),
    ]);
    expect(ref.url).toBe(`${rt.baseUrl}/Ticket/Display.html?id=${ref.id}`);
    expect(await rt.actions.ticket(ref.id)).toMatchObject({ Subject: 'Chat with Zoë Müller', Priority: '80' });
  });

  test.each([`it's`, 'back\\slash', `a "q" %_`, '{x}', 'end\\', 'ünï 🙂', `a'b\\'c`])(
    'a case is found by its key, whatever the conversation is called: %s',
    async (name) => {
      const own = opening({ key: `handoff:main:${name}#0123456789ab.1` });
      expect(await contactCenter.findCase(own.key)).toBeUndefined();
      const ref = await contactCenter.openCase(own);
      expect(await contactCenter.findCase(own.key)).toEqual({ ref, status: 'open' });
      await rt.actions.resolve(ref.id);
      expect(await contactCenter.findCase(own.key)).toEqual({ ref, status: 'closed' });
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

  test("the end user's messages appear in order as the requestor's own, with letters and files whole", async () => {
    const ref = await contactCenter.openCase(opening());
    const file = { name: '長い名前ä'.repeat(10) + '.pdf', mimeType: 'application/pdf', bytes: PDF };
    const content = { kind: 'file', media: 'document', source: { url: 'https://example.com/f' } } as const;
    await contactCenter.append(ref, [message('m1', 'Grüße 👋\nzweite Zeile\n\n.\nFrom: evil@example.com')]);
    await contactCenter.append(ref, [message('m2', '', { content, file: storedFile(file) })]);
    const [, first, second] = await rt.actions.read(ref.id);
    expect(first).toMatchObject({
      type: 'Correspond',
      author: expect.stringMatching(/^c-[0-9a-f]{24}@handoff.invalid$/),
    });
    expect(first?.text).toBe('Grüße 👋\nzweite Zeile\n\n.\nFrom: evil@example.com');
    expect(second?.text).toBe(`[document: ${file.name}]`);
    expect(second?.files).toEqual([file]);
  });

  test('where the requestor may not reply, the service’s account writes the message under the end user’s name', async () => {
    const ref = await contactCenter.openCase(opening({ queue: 'Internal' }));
    const file = { name: 'Größe 日本.pdf', mimeType: 'application/pdf', bytes: PDF };
    const content = { kind: 'file', media: 'document', source: { url: 'https://example.com/f' } } as const;
    await contactCenter.append(ref, [message('m1', 'Hallo')]);
    await contactCenter.append(ref, [message('m2', '', { content, file: storedFile(file) })]);
    await contactCenter.append(ref, [
      message('m3', '', { content, file: storedFile({ ...file, name: '', bytes: Buffer.alloc(0) }) }),
    ]);
    const [, first, second, third] = await rt.actions.read(ref.id);
    expect(first).toMatchObject({ author: 'handoff', text: 'Zoë: Hallo' });
    expect(second?.files).toEqual([file]);
    expect(third?.files).toEqual([{ ...file, name: 'file', bytes: Buffer.alloc(0) }]);
    expect(await contactCenter.findAppended(ref, ['m1', 'm2', 'm3', 'm4'])).toEqual(['m1', 'm2', 'm3']);
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

  test('an end user with an address of their own keeps it', async () => {
    const ref = await contactCenter.openCase(opening({ customer: { id: 'c', email: 'zoe@example.com' } }));
    await contactCenter.append(ref, [message('m1', 'Hi')]);
    expect((await rt.actions.read(ref.id))[1]).toMatchObject({ author: 'zoe@example.com', text: 'Hi' });
  });

  test('a note reaches agents once, however often it is tried, and is not an answer', async () => {
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
    await rt.actions.comment(ref.id, 'Difficult end user');
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
    const { stream, ...file } = await contactCenter.files!.open(content.source.contactCenterFile);
    expect(file).toEqual({ name: 'form.pdf', mimeType: 'application/pdf', size: PDF.length });
    expect(await buffer(stream)).toEqual(PDF);
    await expect(contactCenter.files!.open('999999')).rejects.toMatchObject({ kind: 'not-found' });
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
      { type: 'transferred' },
      { type: 'agent-left', agent: { name: 'Alice Agent' } },
    ]);
  });

  describe('only an agent reopens a case', () => {
    const types = async () => (await news()).map(({ type }) => type);

    test('an agent who sets the status does', async () => {
      const ref = await contactCenter.openCase(opening());
      await rt.actions.reply(ref.id, 'Done.');
      await rt.actions.resolve(ref.id);
      expect(await types()).toEqual(['agent-message', 'case-closed']);
      await rt.actions.setStatus(ref.id, 'open');
      expect(await types()).toEqual(['case-reopened']);
    });

    test('an agent who replies to a resolved ticket does', async () => {
      const ref = await contactCenter.openCase(opening());
      await rt.actions.resolve(ref.id);
      await rt.actions.reply(ref.id, 'One more thing.');
      expect(await types()).toEqual(['case-closed', 'agent-message', 'case-reopened']);
    });

    test('a message that crosses with the closing leaves the ticket closed', async () => {
      const ref = await contactCenter.openCase(opening());
      await rt.actions.resolve(ref.id);
      await contactCenter.append(ref, [message('m1', 'Not really')]);
      expect(await rt.actions.ticket(ref.id)).toMatchObject({ Status: 'resolved' });
      expect(await types()).toEqual(['case-closed']);
    });

    test('a message of the service’s own account opens the ticket, which is not an agent’s act', async () => {
      const ref = await contactCenter.openCase(opening());
      await rt.actions.reply(ref.id, 'Done.');
      await rt.actions.resolve(ref.id);
      await connect({ appendAs: 'service' }).append(ref, [message('m1', 'Not really')]);
      expect(await rt.actions.ticket(ref.id)).toMatchObject({ Status: 'open' });
      expect(await types()).toEqual(['agent-message', 'case-closed']);
    });

    test('a mail of the end user’s opens the ticket, which is not an agent’s act', async () => {
      const ref = await contactCenter.openCase(opening({ customer: { id: 'mailer', email: 'zoe@example.com' } }));
      await rt.actions.resolve(ref.id);
      const form = new FormData();
      const mail = 'From: zoe@example.com\r\nSubject: Re: Chat\r\n\r\nNot really\r\n';
      for (const [name, value] of [
        ['action', 'correspond'],
        ['ticket', ref.id],
        ['message', mail],
      ] as const) {
        form.append(name, value);
      }
      await axios.post(`${rt.baseUrl}/REST/1.0/NoAuth/mail-gateway`, form, { proxy: false });
      expect(await rt.actions.ticket(ref.id)).toMatchObject({ Status: 'open' });
      expect(await types()).toEqual(['case-closed']);
    });

    test('what the service itself closes and opens is nobody’s act', async () => {
      const ref = await contactCenter.openCase(opening());
      await contactCenter.close(ref, 'conversation-ended');
      await rtApi(rt).put(`/ticket/${ref.id}`, { Status: 'open' });
      expect(await types()).toEqual([]);
    });
  });

  test('agents’ messages are read again by their ids, and only in their own case', async () => {
    const [ref, other] = [await contactCenter.openCase(opening()), await contactCenter.openCase(opening())];
    await rt.actions.reply(ref.id, 'Hello');
    await rt.actions.attach(ref.id, { name: 'form.pdf', mimeType: 'application/pdf', bytes: PDF }, 'Please sign.');
    const messages = (await news()).flatMap((event) => (event.type === 'agent-message' ? [event.message] : []));
    expect(messages).toHaveLength(3);
    const ids = messages.map(({ id }) => id);
    expect(await contactCenter.agentMessages!.read(ref, ids)).toEqual(messages);
    expect(await contactCenter.agentMessages!.read(ref, [ids[2]!, '999999', 'x'])).toEqual([messages[2]]);
    expect(await contactCenter.agentMessages!.read(other, ids)).toEqual([]);
  });

  test('a text of several megabytes is reported by its size, and what follows arrives', async () => {
    const ref = await contactCenter.openCase(opening());
    await rt.actions.reply(ref.id, 'ä'.repeat(1_500_000));
    await rt.actions.reply(ref.id, 'Too long?');
    expect(await news()).toMatchObject([
      { message: { content: { kind: 'omitted', bytes: 3_000_000 } } },
      { message: { content: { kind: 'text', text: 'Too long?' } } },
    ]);
  });

  test('a mail of an agent’s is taken in its parts: one version of each text, and files without a name', async () => {
    const ref = await contactCenter.openCase(opening());
    const mail = [
      ...['From: alice@agents.invalid', 'Subject: Re: Chat', 'MIME-Version: 1.0'],
      ...['Content-Type: multipart/mixed; boundary=a', '', '--a'],
      ...['Content-Type: multipart/alternative; boundary=b', '', '--b', 'Content-Type: text/plain', '', 'one', '--b'],
      ...['Content-Type: text/html', '', '<p>one</p>', '--b--', '--a', 'Content-Type: image/png', '', 'PNG', '--a'],
      ...['Content-Type: text/html', '', '<p>two</p>', '--a--', ''],
    ];
    const form = new FormData();
    form.append('action', 'correspond');
    form.append('ticket', ref.id);
    form.append('message', mail.join('\r\n'));
    await axios.post(`${rt.baseUrl}/REST/1.0/NoAuth/mail-gateway`, form, { proxy: false });
    const contents = (await news()).flatMap((event) => (event.type === 'agent-message' ? [event.message.content] : []));
    expect(contents).toMatchObject([
      { kind: 'text', text: 'one' },
      { kind: 'file', media: 'image', mimeType: 'image/png' },
      { kind: 'text', text: 'two' },
    ]);
  });

  test('the open cases of the account are listed with their keys, up to a limit', async () => {
    const [first, second, closed] = [opening(), opening(), opening()];
    const refs = [];
    for (const each of [first, second, closed]) refs.push(await contactCenter.openCase(each));
    await contactCenter.close(refs[2]!, 'conversation-ended');
    const foreign = await contactCenter.openCase(opening({ key: 'handoff:other:c#0123456789ab.1' }));
    const listed = await contactCenter.openCases!.list(1_000);
    expect(listed).toEqual(
      expect.arrayContaining([
        { key: first.key, ref: refs[0] },
        { key: second.key, ref: refs[1] },
      ]),
    );
    expect(listed.map(({ ref }) => ref.id)).not.toContain(refs[2]!.id);
    expect(listed.map(({ ref }) => ref.id)).not.toContain(foreign.id);
    expect(await contactCenter.openCases!.list(1)).toHaveLength(1);
  });

  test('closing closes; closing again, or closing what an agent rejected, changes nothing', async () => {
    const ref = await contactCenter.openCase(opening());
    await contactCenter.close(ref, 'conversation-ended');
    await contactCenter.close(ref, 'conversation-ended');
    expect(await rt.actions.ticket(ref.id)).toMatchObject({ Status: 'resolved' });
    const other = await contactCenter.openCase(opening());
    await rt.actions.setStatus(other.id, 'rejected');
    await contactCenter.close(other, 'conversation-ended');
    expect(await rt.actions.ticket(other.id)).toMatchObject({ Status: 'rejected' });
  });

  test('answers in the queue made for chats are not mailed to the requestor as well', async () => {
    const mailsOf = async (queue: string) => {
      const ref = await contactCenter.openCase(opening({ queue }));
      await rt.actions.reply(ref.id, 'Hi');
      await rt.actions.resolve(ref.id);
      return rt.actions.mails(ref.id);
    };
    expect(await mailsOf('General')).not.toEqual([]);
    expect(await mailsOf('Chats')).toEqual([]);
  });

  test('tickets without a key bring no events', async () => {
    const { data } = await rtApi(rt).post<{ id: string }>('/ticket', { Queue: 'General', Subject: 'Another matter' });
    await rt.actions.reply(data.id, 'About another matter');
    await rt.actions.resolve(data.id);
    expect(await news()).toEqual([]);
  });

  test('wrong credentials fail as unauthorized', async () => {
    await expect(connect({ password: 'wrong' }).findCase('k')).rejects.toMatchObject({ kind: 'unauthorized' });
  });
});

function rtApi({ baseUrl, username, password }: RequestTrackerServer) {
  return axios.create({ baseURL: `${baseUrl}/REST/2.0`, auth: { username, password }, proxy: false });
}
