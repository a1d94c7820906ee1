import { eventually, pause, runReceiver, runSimulator, type Running } from './infobip-support';

type Receiver = Awaited<ReturnType<typeof runReceiver>>;

let running: Running;
let receiver: Receiver;

afterEach(async () => {
  await running.stop();
  await receiver.close();
});

const EVENTS = ['CONVERSATION_CREATED', 'CONVERSATION_MESSAGE_RECEIVED', 'CONVERSATION_STATUS_UPDATED'];

/** A simulator whose webhooks go to a receiver that answers like this. */
async function start(options: { answers?: number[]; events?: string[]; profile?: object; retryScheduleMs?: number[] }) {
  const { answers, events = ['CONVERSATION_MESSAGE_RECEIVED'], profile, retryScheduleMs = [10, 20, 40] } = options;
  receiver = await runReceiver(answers);
  running = await runSimulator({ retryScheduleMs });
  await running.call('POST', '/subscriptions/1/subscription/CUSTOMER_ENGAGEMENT', {
    subscriptionId: 'sub-1',
    events,
    profile: { profileId: 'p1', webhook: { notifyUrl: receiver.url }, ...profile },
  });
}

/** Opens the end user's conversation after To Agent, where the bot is paused. */
function openConversation(): string {
  const { conversationId } = running.simulator.endUsers.addConversation({
    from: 'CHAT-1',
    name: 'Vera',
    bot: 'paused',
  });
  return conversationId;
}

const write = (text: string) => running.simulator.endUsers.receive({ from: 'CHAT-1', text });
const setFaults = (faults: object) => running.call('POST', '/sandbox/faults', faults);
const textsGot = () =>
  receiver.got
    .filter(({ body }) => body.type === 'INBOUND_MESSAGE')
    .map(({ body }) => body.payload.message.content.text);

test('an inbound message comes in the published envelope, with no content type and no direction in the message', async () => {
  await start({});
  const conversationId = openConversation();
  const { messageId } = write('Hello');
  await eventually(() => expect(receiver.got.length).toBeGreaterThan(0));
  const { body } = receiver.got[0]!;
  expect(Object.keys(body)).toEqual(['type', 'timestamp', 'payload']);
  expect(body.type).toBe('INBOUND_MESSAGE');
  expect(body.payload).toMatchObject({
    id: conversationId,
    status: 'OPEN',
    priority: 'NORMAL',
    channel: 'LIVE_CHAT',
    direction: 'INBOUND',
    queue: null,
    assignee: null,
    form: null,
    customer: { id: 'CHAT-1', name: 'Vera' },
    tags: [],
    invoker: { type: 'SYSTEM', id: null, name: null },
  });
  const { messageId: platformId, createdAt, updatedAt, ...message } = body.payload.message;
  expect(message).toEqual({
    id: messageId,
    channel: 'LIVE_CHAT',
    from: 'CHAT-1',
    to: 'sandbox-widget',
    conversationId,
    content: { text: 'Hello' },
  });
});

test('messages that the API created and changes of status come too', async () => {
  await start({ events: EVENTS });
  const id = openConversation();
  const sent = await running.call('POST', `/ccaas/1/conversations/${id}/messages`, {
    channel: 'LIVE_CHAT',
    from: 'sandbox-widget',
    to: 'CHAT-1',
    contentType: 'TEXT',
    content: { text: 'Hi' },
  });
  await running.call('PATCH', `/ccaas/1/conversations/${id}`, { priority: 'HIGH' });
  await running.call('PATCH', `/ccaas/1/conversations/${id}`, { status: 'CLOSED' });
  await eventually(() => expect(receiver.got).toHaveLength(3));
  const [created, outbound, closed] = receiver.got.map(({ body }) => body);
  expect(created?.type).toBe('CONVERSATION_CREATED');
  expect(outbound).toMatchObject({ type: 'OUTBOUND_MESSAGE', payload: { message: { id: sent.data.id } } });
  expect(closed).toMatchObject({ type: 'CONVERSATION_STATUS_UPDATED', payload: { id, status: 'CLOSED' } });
  expect(closed?.payload).toMatchObject({ lastMessage: { direction: 'OUTBOUND', to: 'CHAT-1' } });
});

test('sends only what was subscribed to, with the profile’s headers and credentials', async () => {
  const security = { authId: 'a1', type: 'BASIC', credentials: { username: 'u', password: 'p' } };
  await start({ profile: { headers: { 'x-secret': 's' }, security } });
  const id = openConversation();
  await running.call('PATCH', `/ccaas/1/conversations/${id}`, { status: 'WAITING' });
  write('Hello');
  await eventually(() => expect(receiver.got.length).toBeGreaterThan(0));
  expect(receiver.got[0]).toMatchObject({
    body: { type: 'INBOUND_MESSAGE' },
    headers: { 'x-secret': 's', authorization: `Basic ${Buffer.from('u:p').toString('base64')}` },
  });
});

test('posts the bare message, and nothing else, to the account configuration’s URL', async () => {
  receiver = await runReceiver();
  running = await runSimulator();
  await running.call('PUT', '/ccaas/1/account/configuration', { webhookUrl: receiver.url });
  const { conversationId, messageId } = write('Hello');
  const closed = await running.call('PATCH', `/ccaas/1/conversations/${conversationId}`, { status: 'CLOSED' });
  expect(closed.status).toBe(200);
  await eventually(() => expect(receiver.got).toHaveLength(1));
  const { createdAt, updatedAt, ...message } = receiver.got[0]!.body;
  expect(message).toEqual({
    id: messageId,
    channel: 'LIVE_CHAT',
    from: 'CHAT-1',
    to: 'sandbox-widget',
    direction: 'INBOUND',
    conversationId,
    contentType: 'TEXT',
    content: { text: 'Hello' },
  });
  await pause(50);
  expect(receiver.got).toHaveLength(1);
});

describe('an endpoint that does not answer 200', () => {
  test('is asked again, and holds back what follows in the same conversation', async () => {
    await start({ answers: [500, 204] });
    openConversation();
    write('one');
    write('two');
    await eventually(() => expect(textsGot().slice(0, 4)).toEqual(['one', 'one', 'one', 'two']));
    const attempts = running.simulator.journal
      .since()
      .filter(({ kind, type }) => kind === 'webhook' && type === 'INBOUND_MESSAGE')
      .map(({ attempt, status }) => [attempt, status]);
    expect(attempts.slice(0, 3)).toEqual([
      [1, 500],
      [2, 204],
      [3, 200],
    ]);
  });

  test('lets other conversations go on', async () => {
    await start({ answers: [500], retryScheduleMs: [60_000] });
    openConversation();
    write('one');
    await eventually(() => expect(receiver.got).toHaveLength(1));
    running.simulator.endUsers.receive({ from: 'CHAT-2', text: 'two' });
    await eventually(() => expect(textsGot()).toEqual(['one', 'two']));
  });

  test('is left alone at the end of the schedule', async () => {
    await start({ answers: [500, 500, 500], retryScheduleMs: [5, 5] });
    openConversation();
    write('lost');
    await eventually(() => expect(textsGot()).toEqual(['lost', 'lost', 'lost']));
    write('next');
    await eventually(() => expect(textsGot()).toEqual(['lost', 'lost', 'lost', 'next']));
  });

  test('is asked again after no answer at all, which the journal names without the URL and its secret', async () => {
    await start({ retryScheduleMs: [10, 20, 40] });
    await running.call('PUT', '/subscriptions/1/profiles/p1', {
      webhook: { notifyUrl: 'http://127.0.0.1:1/hidden-secret' },
    });
    openConversation();
    write('one');
    const attempts = () => running.simulator.journal.since().filter(({ kind, error }) => kind === 'webhook' && error);
    await eventually(() => expect(attempts().length).toBeGreaterThan(1));
    const webhooks = running.simulator.journal.since().filter(({ kind }) => kind === 'webhook');
    expect(JSON.stringify(webhooks)).not.toContain('hidden-secret');
  });
});

describe('a fault of the webhooks', () => {
  test('late: they come after the delay', async () => {
    await start({});
    openConversation();
    await setFaults({ webhooks: { delivery: 'late', delayMs: 150 } });
    write('one');
    await pause(80);
    expect(textsGot()).toEqual([]);
    await eventually(() => expect(textsGot()).toEqual(['one']));
  });

  test('twice: each comes twice', async () => {
    await start({});
    openConversation();
    await setFaults({ webhooks: { delivery: 'twice' } });
    write('one');
    await eventually(() => expect(textsGot()).toEqual(['one', 'one']));
  });

  test('out-of-order: the second overtakes the first', async () => {
    await start({});
    openConversation();
    await setFaults({ webhooks: { delivery: 'out-of-order', delayMs: 60_000 } });
    write('one');
    write('two');
    await eventually(() => expect(textsGot()).toEqual(['two', 'one']));
  });

  test('out-of-order: what nothing overtakes comes alone, late', async () => {
    await start({});
    openConversation();
    await setFaults({ webhooks: { delivery: 'out-of-order', delayMs: 30 } });
    write('one');
    await eventually(() => expect(textsGot()).toEqual(['one']));
  });

  test('never: none comes until the fault is taken away', async () => {
    await start({});
    openConversation();
    await setFaults({ webhooks: { delivery: 'never' } });
    write('lost');
    await setFaults({ webhooks: { delivery: 'normal' } });
    write('brought');
    await eventually(() => expect(textsGot()).toEqual(['brought']));
    expect(running.simulator.journal.since()).toContainEqual(
      expect.objectContaining({ kind: 'webhook', dropped: true }),
    );
  });

  test('content omitted: the message has to be read back', async () => {
    await start({});
    openConversation();
    await setFaults({ webhookContent: 'omitted' });
    const { conversationId, messageId } = write('one');
    await eventually(() => expect(receiver.got.length).toBeGreaterThan(0));
    const { message } = receiver.got[0]!.body.payload;
    expect(message).toMatchObject({ id: messageId, conversationId });
    expect(message).not.toHaveProperty('content');
    const read = await running.call('GET', `/ccaas/1/conversations/${conversationId}/messages?messageIds=${messageId}`);
    expect(read.data.messages[0]?.content).toEqual({ text: 'one' });
  });
});

describe('a fault of the API', () => {
  beforeEach(() => start({}));

  test.each([
    [429, 'TOO_MANY_REQUESTS'],
    [500, 'GENERAL_ERROR'],
    [503, 'GENERAL_ERROR'],
  ])('%d comes in Infobip’s envelope, so often as asked, and to the calls that match', async (answer, messageId) => {
    const path = `/ccaas/1/conversations/${openConversation()}`;
    await setFaults({ api: { next: [{ match: '^GET /ccaas/1/conversations/', answer, retryAfter: 3 }] } });
    expect((await running.call('GET', '/ccaas/1/tags')).status).toBe(200);
    const refused = await running.call('GET', path);
    expect(refused.status).toBe(answer);
    expect(refused.headers['retry-after']).toBe('3');
    expect(refused.data.requestError.serviceException.messageId).toBe(messageId);
    expect((await running.call('GET', path)).status).toBe(200);
  });

  test('timeout-after-effect: the message is sent and its sender never knows', async () => {
    const id = openConversation();
    await setFaults({ api: { next: [{ match: 'POST .*/messages$', answer: 'timeout-after-effect' }] } });
    const message = { channel: 'LIVE_CHAT', from: 'sandbox-widget', to: 'CHAT-1', contentType: 'TEXT' };
    const sending = running.call('POST', `/ccaas/1/conversations/${id}/messages`, {
      ...message,
      content: { text: 'Hi' },
    });
    await expect(sending).rejects.toThrow();
    expect(running.simulator.endUsers.conversation(id)?.messages).toHaveLength(1);
    await eventually(() =>
      expect(running.simulator.journal.since()).toContainEqual(
        expect.objectContaining({ kind: 'request', method: 'POST', answered: false }),
      ),
    );
  });

  const about = (id: string, path = '') => running.call('GET', `/ccaas/1/conversations/${id}${path}`);
  const faultsSeen = () => running.simulator.journal.since().filter(({ kind }) => kind === 'fault');

  test.each([400, 404] as const)(
    '404 is the false NOT_FOUND for one conversation, once (status %d)',
    async (status) => {
      await running.stop();
      running = await runSimulator({ unknownIdStatus: status });
      const [id, other] = [openConversation(), openConversation()];
      await setFaults({ api: { next: [{ match: `/conversations/${id}`, answer: 404 }] } });
      expect((await about(other)).status).toBe(200);
      const refused = await about(id);
      expect(refused.status).toBe(status);
      const text = `Invalid id '${id}' given! No such entity exists.`;
      expect(refused.data.requestError.serviceException).toEqual({ messageId: 'NOT_FOUND', text });
      expect((await about(id)).status).toBe(200);
    },
  );

  test('proxy-404 is a page of someone else, and the journal names it', async () => {
    const id = openConversation();
    await setFaults({ api: { next: [{ answer: 'proxy-404' }] } });
    const refused = await about(id);
    expect([refused.status, refused.headers['content-type']]).toEqual([404, expect.stringContaining('text/html')]);
    expect(faultsSeen()).toMatchObject([{ method: 'GET', answer: 'proxy-404' }]);
  });

  test('proxy-502 is another page of it, and 401 comes in the words of the API', async () => {
    const id = openConversation();
    await setFaults({ api: { next: [{ answer: 'proxy-502' }, { answer: 401 }] } });
    const refused = await about(id);
    expect([refused.status, refused.headers['content-type']]).toEqual([502, expect.stringContaining('text/html')]);
    const unauthorized = await about(id);
    expect([unauthorized.status, unauthorized.data.requestError.serviceException.messageId]).toEqual([
      401,
      'UNAUTHORIZED',
    ]);
  });

  test('reset breaks the connection before the call has taken effect, slow-answer answers late after it has', async () => {
    const id = openConversation();
    const send = (text: string) => {
      const message = { channel: 'LIVE_CHAT', from: 'sandbox-widget', to: 'CHAT-1', contentType: 'TEXT' };
      return running.call('POST', `/ccaas/1/conversations/${id}/messages`, { ...message, content: { text } });
    };
    const sent = () => running.simulator.endUsers.conversation(id)?.messages.length;
    await setFaults({ api: { next: [{ answer: 'reset' }, { answer: 'slow-answer', delayMs: 300 }] } });
    await expect(send('lost')).rejects.toThrow();
    expect(sent()).toBe(0);
    let isAnswered = false;
    const answer = send('there').finally(() => (isAnswered = true));
    await eventually(() => expect(sent()).toBe(1));
    expect(isAnswered).toBe(false);
    expect((await answer).status).toBe(200);
  });

  test('429 may come without the time to wait', async () => {
    const id = openConversation();
    await setFaults({ api: { next: [{ answer: 429 }] } });
    const refused = await about(id);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, undefined]);
  });

  test('one conversation fails always, and the others work', async () => {
    const [id, other] = [openConversation(), openConversation()];
    await setFaults({ api: { next: [{ match: `/conversations/${id}`, answer: 500, times: 'always' }] } });
    for (let times = 0; times < 3; times += 1) {
      expect((await about(id, '/messages')).status).toBe(500);
      expect((await about(other, '/messages')).status).toBe(200);
    }
  });

  test('slow answers are right, and late', async () => {
    const id = openConversation();
    await setFaults({ api: { next: [{ answer: 'slow', delayMs: 60 }] } });
    const start = performance.now();
    expect((await about(id)).data.id).toBe(id);
    expect(performance.now() - start).toBeGreaterThan(50);
  });

  test('a call that hangs ends with the faults', async () => {
    const id = openConversation();
    await setFaults({ api: { next: [{ answer: 'hang' }] } });
    const hanging = expect(about(id)).rejects.toThrow();
    await eventually(() => expect(faultsSeen()).toHaveLength(1));
    await running.call('POST', '/sandbox/reset');
    await hanging;
  });
});
