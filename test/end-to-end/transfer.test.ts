import { textsOf } from '../support/core';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';
import { handoffId } from '../../domain/ids';

/** A handoff moves from case to case; the end user stays in one conversation. */
describe('a transfer', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());
  afterEach(() => service.desk.faults.clear());

  const path = (conversationId: string) =>
    `/v1/handoffs/${encodeURIComponent(handoffId({ account: service.account, conversationId }))}`;
  const transfer = (conversationId: string, body: object) =>
    service.operator.post<Record<string, unknown>>(`${path(conversationId)}/transfer`, body);
  const casesOf = (conversationId: string) => service.desk.cases().filter(({ key }) => key.includes(conversationId));
  const textsIn = (index: number, conversationId: string) => textsOf(casesOf(conversationId)[index]!);

  async function twoCases(conversationId: string) {
    await eventually('the second case is there', () => casesOf(conversationId).length === 2);
    await service.until(conversationId, 'waiting');
    return casesOf(conversationId);
  }

  test('opens a second case with the whole transcript, the first agent’s part included, and closes the first', async () => {
    const { conversationId, from } = await service.handOff({}, ['Hello']);
    await service.until(conversationId, 'waiting');
    service.say('I have a question', from);
    await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: 'I pass you on to billing' });
    await eventually('both are relayed', async () => (await service.view(conversationId)).relayed.outbound === 1);
    const answer = await transfer(conversationId, { to: 'desk', queue: 'Billing' });
    expect(answer.status).toBe(200);
    const [first, second] = await twoCases(conversationId);
    const transcript = second!.transcript.entries.map(({ content }) => ('text' in content ? content.text : ''));
    expect(transcript).toEqual(expect.arrayContaining(['Hello', 'I have a question', 'I pass you on to billing']));
    expect(second).toMatchObject({ queue: 'Billing', status: 'open' });
    await eventually('the first is closed', () => casesOf(conversationId)[0]!.status === 'closed');
    expect(first!.key).not.toBe(second!.key);

    service.say('Hello billing', from);
    await eventually('it goes to the second case', () => textsIn(1, conversationId).includes('Hello billing'));
    expect(textsIn(0, conversationId)).toEqual(['I have a question']);
    expect(await service.view(conversationId)).toMatchObject({
      state: 'waiting',
      queue: 'Billing',
      cases: [{ status: 'closed' }, { queue: 'Billing', status: 'open' }],
    });
    await service.agent(conversationId, 'close');
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'resolved', undelivered: 0 });
  });

  test('P21: that fails goes on in the first case, and its agents learn why', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    await service.deskControl('availability', { available: false });
    await transfer(conversationId, { to: 'desk', queue: 'Billing' });
    await eventually('the agents learn it', () =>
      casesOf(conversationId)[0]!.notes.some(({ text }) => text.startsWith('The transfer to desk failed')),
    );
    await service.deskControl('availability', { available: true });
    service.say('still here', from);
    await eventually('it goes to the first case', () => textsIn(0, conversationId).includes('still here'));
    expect(casesOf(conversationId)).toHaveLength(1);
  });

  test('P21: loses no message that is written meanwhile', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const slow = { match: 'POST /cases$', answer: 'slow' as const, delayMs: 1_500, times: 1 };
    service.desk.faults.set({ api: { next: [slow] } });
    const said = transfer(conversationId, { to: 'desk', queue: 'Billing' });
    for (let i = 1; i <= 5; i++) service.say(`meanwhile ${i}`, from);
    await said;
    const [, second] = await twoCases(conversationId);
    const transcript = second!.transcript.entries.map(({ content }) => ('text' in content ? content.text : ''));
    const known = () => [...transcript, ...textsIn(1, conversationId)].filter((text) => text.startsWith('meanwhile'));
    const earlier = textsIn(0, conversationId).filter((text) => text.startsWith('meanwhile'));
    await eventually('all are in the second case', () => known().length >= 5);
    expect(known()).toEqual([1, 2, 3, 4, 5].map((i) => `meanwhile ${i}`));
    expect(earlier.every((text) => transcript.includes(text))).toBe(true);
  });

  test('is refused where it makes no sense, with the reason', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    expect((await transfer(conversationId, { to: 'nowhere' })).status).toBe(409);
    expect((await transfer(conversationId, { to: 'desk' })).data).toMatchObject({
      status: 409,
      detail: 'The handoff is already there.',
    });
    expect((await service.bot.post(`${path(conversationId)}/transfer`, { to: 'desk', queue: 'x' })).status).toBe(403);
  });
});
