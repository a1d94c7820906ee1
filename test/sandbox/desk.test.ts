import type { ContactCenter } from '../../connectors/contact-center';
import { eventually } from '../support/eventually';
import { Files } from '../../sandbox/desk/files';
import { connect, KEY, newSecret, opening, startRig, textMessage, until, type Rig } from '../connectors/custom/support';

let rig: Rig;
let contactCenter: ContactCenter;
let caseId: string;

beforeEach(async () => {
  rig = await startRig();
  contactCenter = connect({ baseUrl: rig.baseUrl });
  caseId = (await contactCenter.openCase(opening())).id;
});
afterEach(() => rig.stop());

const act = (action: string, body: object = {}) => rig.control(`cases/${caseId}/${action}`, body);
const say = (...words: string[]) =>
  words.reduce<Promise<unknown>>((before, text) => before.then(() => act('messages', { text })), Promise.resolve());
const heard = () =>
  rig.received.map(({ rawBody }) => (JSON.parse(rawBody.toString()) as { content: { text: string } }).content.text);
const deliver = (delivery: string, delayMs?: number) => rig.control('faults', { webhooks: { delivery, delayMs } });

describe('what an agent does at the desk', () => {
  test('all of it reaches the service in order, signed so that the connector accepts it', async () => {
    const agent = { id: 'a-1', name: 'Marko', avatarUrl: 'https://desk.example.com/marko.png' };
    await act('join', { agent });
    await act('messages', { text: 'Hello' });
    await act('typing');
    await act('read', { messageId: 'm-1' });
    await act('transfer', { to: 'Level 2' });
    await act('close');
    await act('reopen');
    await until('7 webhooks have arrived', () => rig.received.length === 7);
    const parsed = await Promise.all(rig.received.map((request) => contactCenter.webhook!.parse(request)));
    expect(parsed.flatMap(({ events }) => events)).toMatchObject([
      { type: 'agent-joined', caseKey: KEY, agent },
      { type: 'agent-message', caseKey: KEY, message: { agent, content: { kind: 'text', text: 'Hello' } } },
      { type: 'transferred' },
      { type: 'case-closed' },
      { type: 'case-reopened' },
    ]);
    expect(parsed.flatMap(({ presence }) => presence)).toMatchObject([
      { type: 'typing', agent },
      { type: 'read', messageId: 'm-1', agent },
    ]);
  });

  test('joining twice or leaving without having joined says nothing to the service', async () => {
    await act('leave');
    await act('join', { agent: { name: 'Ana' } });
    await act('join', { agent: { name: 'Ana' } });
    await act('leave', { agent: { name: 'Ana' } });
    await until('2 webhooks have arrived', () => rig.received.length === 2);
    expect(rig.types()).toEqual(['agent.joined', 'agent.left']);
    expect(rig.desk.cases()[0]!.agents).toEqual([]);
  });

  test('a note stays at the desk', async () => {
    await act('notes', { text: 'seems upset' });
    await act('close');
    await until('1 webhooks have arrived', () => rig.received.length === 1);
    expect(rig.types()).toEqual(['case.closed']);
    expect((await rig.control(`cases/${caseId}`)).body).toMatchObject({ notes: [{ text: 'seems upset' }] });
  });

  test('a closed case takes no replies until it is reopened', async () => {
    await act('close');
    expect(await act('messages', { text: 'one more thing' })).toMatchObject({
      status: 409,
      body: { code: 'case-closed' },
    });
    await act('reopen');
    expect(await act('messages', { text: 'one more thing' })).toMatchObject({ status: 200 });
  });

  test.each([
    ['cases/CASE/messages', {}],
    ['cases/CASE/messages', { text: '' }],
    ['cases/CASE/transfer', {}],
    ['cases/CASE/join', { agent: 'Ana' }],
    ['faults', { webhooks: { delivery: 'sometimes' } }],
    ['faults', { api: { next: [{ answer: 418 }] } }],
    ['faults', { api: { next: [{ match: '(', answer: 500 }] } }],
    ['faults', { api: { next: [{ answer: 500, times: 'often' }] } }],
    ['behavior', { reopenOnAppend: 'perhaps' }],
    ['availability', { available: 'yes' }],
  ])('%s refuses %j as a problem', async (path, body) => {
    const answer = await rig.control(path.replace('CASE', caseId), body);
    expect(answer).toMatchObject({ status: 400, body: { status: 400, detail: expect.any(String) } });
  });

  test('a case or a control that nobody knows is a problem too', async () => {
    await expect(rig.control('cases/nope/dance', {})).resolves.toMatchObject({ status: 404 });
    await expect(rig.control('cases/nope/close', {})).resolves.toMatchObject({ status: 404 });
    await expect(rig.control('cases/nope')).resolves.toMatchObject({ status: 404 });
  });
});

describe("the desk's webhooks", () => {
  test('a webhook that is refused comes again with the same id, and those after it wait', async () => {
    rig.refusals.push(503, 500);
    await say('one', 'two');
    await until('2 webhooks have arrived', () => rig.received.length === 2);
    expect(heard()).toEqual(['one', 'two']);
    const journal = rig.control('journal').then(({ body }) => body.entries);
    const webhook = { kind: 'webhook', type: 'agent.message' };
    expect(((await journal) as { kind: string }[]).filter(({ kind }) => kind === 'webhook')).toMatchObject([
      { ...webhook, attempt: 1, status: 503, outcome: 'failed' },
      { ...webhook, attempt: 2, status: 500, outcome: 'failed' },
      { ...webhook, attempt: 3, status: 200, outcome: 'delivered' },
      { ...webhook, attempt: 1, status: 200, outcome: 'delivered' },
    ]);
  });

  test('a webhook that is not delivered in any attempt is still in the feed', async () => {
    rig.refusals.push(500, 500, 500, 500);
    await say('one', 'two');
    await until('1 webhooks have arrived', () => rig.received.length === 1);
    expect(heard()).toEqual(['two']);
    await expect(contactCenter.poll!.read('0')).resolves.toMatchObject({
      events: [{ message: { content: { text: 'one' } } }, { message: { content: { text: 'two' } } }],
    });
  });

  test('twice: each arrives two times, under one id', async () => {
    await deliver('twice');
    await say('one');
    await until('2 webhooks have arrived', () => rig.received.length === 2);
    const [first, second] = rig.received;
    expect(second!.rawBody).toEqual(first!.rawBody);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  });

  test('out of order: the next one overtakes, and one that is never followed comes alone', async () => {
    await deliver('out-of-order', 100);
    await say('one', 'two', 'three');
    await until('3 webhooks have arrived', () => rig.received.length === 3);
    expect(heard()).toEqual(['two', 'one', 'three']);
  });

  test('late: it comes after the delay', async () => {
    await deliver('late', 150);
    const before = Date.now();
    await say('one');
    await until('1 webhooks have arrived', () => rig.received.length === 1);
    expect(Date.now() - before).toBeGreaterThanOrEqual(140);
  });

  test('never: it comes by the feed alone', async () => {
    await deliver('never');
    await say('one');
    await deliver('normal');
    await say('two');
    await until('1 webhooks have arrived', () => rig.received.length === 1);
    expect(heard()).toEqual(['two']);
    expect((await contactCenter.poll!.read('0')).events).toHaveLength(2);
  });
});

describe('starting over', () => {
  test('a reset forgets cases, faults, journal and webhooks under way', async () => {
    await deliver('late', 50);
    await rig.control('faults', { api: { next: [{ answer: 500, times: 9 }] } });
    await say('one');
    await rig.control('reset', {});
    await expect(contactCenter.findCase(KEY)).resolves.toBeUndefined();
    await eventually('the webhook is dropped', async () => {
      const { entries } = (await rig.control('journal')).body as { entries: { outcome?: string }[] };
      return entries.some(({ outcome }) => outcome === 'dropped') || undefined;
    });
    expect(rig.received).toEqual([]);
  });

  test('a cursor from before a reset misses nothing after it', async () => {
    await say('one');
    const { cursor } = await contactCenter.poll!.read('0');
    await rig.control('reset', {});
    caseId = (await contactCenter.openCase(opening())).id;
    await say('two');
    expect((await contactCenter.poll!.read(cursor)).events).toHaveLength(1);
  });
});

describe('what goes wrong at the desk', () => {
  test('a call that hangs is let go when the faults are cleared', async () => {
    await rig.control('faults', { api: { next: [{ match: '/messages$', answer: 'hang', times: 'always' }] } });
    const hanging = contactCenter.append({ id: caseId }, [textMessage('m-1')]);
    const refused = expect(hanging).rejects.toMatchObject({ kind: 'ambiguous' });
    await until('the call hangs', () => rig.desk.faults.hanging.size === 1);
    await rig.control('reset', {});
    await refused;
  });

  test('a case that is closed stays so when a message comes, but at a desk that opens it again', async () => {
    await act('close');
    await contactCenter.append({ id: caseId }, [textMessage('m-1')]);
    expect(rig.desk.cases()[0]).toMatchObject({ status: 'closed' });
    await rig.control('behavior', { reopenOnAppend: 'by-api' });
    await contactCenter.append({ id: caseId }, [textMessage('m-1')]);
    expect(rig.desk.cases()[0]).toMatchObject({ status: 'closed' });
    await contactCenter.append({ id: caseId }, [textMessage('m-2')]);
    expect(rig.desk.cases()[0]).toMatchObject({ status: 'open' });
    await until('both webhooks have arrived', () => rig.received.length === 2);
    const reopened = JSON.parse(rig.received[1]!.rawBody.toString()) as unknown;
    expect(reopened).toMatchObject({ type: 'case.reopened', by: 'api' });
  });

  test('an event that breaks the contract can be sent as it is', async () => {
    await rig.control('events', { type: 'agent.message', agent: 'Ana' });
    await expect(contactCenter.poll!.read('0')).resolves.toMatchObject({ events: [], unreadable: 1 });
  });
});

test("agents' files are kept up to 128 MiB, the latest of them", () => {
  const files = new Files();
  const large = Buffer.alloc(50 * 1024 * 1024).toString('base64');
  const [first, second, third] = [1, 2, 3].map(() => files.keep('video/mp4', large)) as [string, string, string];
  expect([first, second, third].map((id) => files.get(id) !== undefined)).toEqual([false, true, true]);
});

describe('the journal', () => {
  const entries = async (since = 0) =>
    (await rig.control(`journal?since=${since}`)).body.entries as {
      seq: number;
      kind: string;
      status: number | null;
    }[];

  test('it tells each call and its answer, from any point on', async () => {
    await connect({ baseUrl: rig.baseUrl, secret: newSecret() })
      .findCase(KEY)
      .catch(() => undefined);
    await rig.control('faults', { api: { next: [{ match: '^GET /cases$', answer: 'timeout-after-effect' }] } });
    await contactCenter.findCase(KEY).catch(() => undefined);
    const all = await entries();
    const calls = all.filter(({ kind }) => kind === 'call');
    expect(calls.map(({ status }) => status)).toEqual([201, 401, null]);
    expect(await entries(all[1]!.seq)).toEqual(all.slice(2));
    await expect(rig.control('journal?since=x')).resolves.toMatchObject({ status: 400 });
  });

  test('it tells what happens to a case in the order in which its agent sees it, and no text', async () => {
    await contactCenter.append({ id: caseId }, [textMessage('m-1', 'my PIN is 1234'), textMessage('m-2')]);
    await act('messages', { text: 'Hello' });
    await act('notes', { text: 'seems upset' });
    await contactCenter.append({ id: caseId }, [textMessage('m-2'), textMessage('m-3')]);
    await contactCenter.close({ id: caseId }, 'conversation-ended');
    await act('reopen');
    const all = await entries();
    const ofCase = all.filter(({ kind }) => !['call', 'webhook'].includes(kind));
    expect(ofCase).toMatchObject([
      { kind: 'opened', case: caseId, caseKey: KEY },
      { kind: 'message', from: 'end-user', id: 'm-1', position: 1 },
      { kind: 'message', from: 'end-user', id: 'm-2', position: 2 },
      { kind: 'message', from: 'agent', position: 3 },
      { kind: 'note' },
      { kind: 'message', from: 'end-user', id: 'm-3', position: 4 },
      { kind: 'closed', reason: 'conversation-ended' },
      { kind: 'reopened' },
    ]);
    expect(JSON.stringify(all)).not.toMatch(/PIN|Hello|upset/);
  });
});
