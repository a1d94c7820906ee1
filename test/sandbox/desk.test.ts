import type { ContactCenter } from '../../connectors/contact-center';
import { connect, KEY, newSecret, opening, startRig, until, type Rig } from '../connectors/custom/support';

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
  test('all of it reaches the service in order, signed so that the connector believes it', async () => {
    const agent = { id: 'a-1', name: 'Marko', avatarUrl: 'https://desk.example.com/marko.png' };
    await act('join', { agent });
    await act('messages', { text: 'Hello' });
    await act('typing');
    await act('read', { messageId: 'm-1' });
    await act('transfer', { to: 'Level 2' });
    await act('close');
    await act('reopen');
    await until(() => rig.received.length === 7);
    const parsed = await Promise.all(rig.received.map((request) => contactCenter.parseWebhook!(request)));
    expect(parsed.flatMap(({ events }) => events)).toMatchObject([
      { type: 'agent-joined', caseKey: KEY, agent },
      { type: 'agent-message', caseKey: KEY, message: { agent, content: { kind: 'text', text: 'Hello' } } },
      { type: 'transferred', to: 'Level 2' },
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
    await until(() => rig.received.length === 2);
    expect(rig.types()).toEqual(['agent.joined', 'agent.left']);
    expect(rig.desk.cases()[0]!.agents).toEqual([]);
  });

  test('a note stays at the desk', async () => {
    await act('notes', { text: 'seems upset' });
    await act('close');
    await until(() => rig.received.length === 1);
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
    await until(() => rig.received.length === 2);
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

  test('a webhook that is given up is still in the feed', async () => {
    rig.refusals.push(500, 500, 500, 500);
    await say('one', 'two');
    await until(() => rig.received.length === 1);
    expect(heard()).toEqual(['two']);
    await expect(contactCenter.poll!('0')).resolves.toMatchObject({
      events: [{ message: { content: { text: 'one' } } }, { message: { content: { text: 'two' } } }],
    });
  });

  test('twice: each arrives two times, under one id', async () => {
    await deliver('twice');
    await say('one');
    await until(() => rig.received.length === 2);
    const [first, second] = rig.received;
    expect(second!.rawBody).toEqual(first!.rawBody);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  });

  test('out of order: the next one overtakes, and one that is never followed comes alone', async () => {
    await deliver('out-of-order', 100);
    await say('one', 'two', 'three');
    await until(() => rig.received.length === 3);
    expect(heard()).toEqual(['two', 'one', 'three']);
  });

  test('late: it comes after the delay', async () => {
    await deliver('late', 150);
    const before = Date.now();
    await say('one');
    await until(() => rig.received.length === 1);
    expect(Date.now() - before).toBeGreaterThanOrEqual(140);
  });

  test('never: it comes by the feed alone', async () => {
    await deliver('never');
    await say('one');
    await deliver('normal');
    await say('two');
    await until(() => rig.received.length === 1);
    expect(heard()).toEqual(['two']);
    expect((await contactCenter.poll!('0')).events).toHaveLength(2);
  });
});

describe('starting over', () => {
  test('a reset forgets cases, faults, journal and webhooks under way', async () => {
    await deliver('late', 50);
    await rig.control('faults', { api: { next: [{ answer: 500, times: 9 }] } });
    await say('one');
    await rig.control('reset', {});
    await expect(contactCenter.findCase(KEY)).resolves.toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(rig.received).toEqual([]);
  });

  test('a cursor from before a reset misses nothing after it', async () => {
    await say('one');
    const { cursor } = await contactCenter.poll!('0');
    await rig.control('reset', {});
    caseId = (await contactCenter.openCase(opening())).id;
    await say('two');
    expect((await contactCenter.poll!(cursor)).events).toHaveLength(1);
  });
});

test('the journal tells each call and its answer, from any point on', async () => {
  await connect({ baseUrl: rig.baseUrl, secret: newSecret() })
    .findCase(KEY)
    .catch(() => undefined);
  await rig.control('faults', { api: { next: [{ match: '^GET /cases$', answer: 'timeout-after-effect' }] } });
  await contactCenter.findCase(KEY).catch(() => undefined);
  const entries = async (since: number) =>
    (await rig.control(`journal?since=${since}`)).body.entries as {
      seq: number;
      path: string;
      status: number | null;
    }[];
  const all = await entries(0);
  expect(all.map(({ status }) => status)).toEqual([201, 401, null]);
  expect(await entries(all[0]!.seq)).toEqual(all.slice(1));
  await expect(rig.control('journal?since=x')).resolves.toMatchObject({ status: 400 });
});
