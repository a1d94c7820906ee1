import { randomUUID } from 'node:crypto';
import { handoffId } from '../../domain/ids';
import { textsOf } from '../support/core';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';

/** A vendor's "not found" or "closed" counts only once the vendor itself confirms it. */
describe('P19: nothing is taken for over that is not over', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());
  afterEach(() => {
    service.infobip.faults.clear();
    service.desk.faults.clear();
  });

  const answer = (conversationId: string, text: string) =>
    service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text });
  const once = (match: string, fault: 404 | 'proxy-404') => ({
    api: { next: [{ match, answer: fault, times: 1, delayMs: 0 }] },
  });
  const inCase = async (conversationId: string) => textsOf(await service.deskCase(conversationId));

  test.each([404, 'proxy-404'] as const)('one false %s to a message: it arrives all the same', async (fault) => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.infobip.faults.set(once('POST .*/messages$', fault));
    await answer(conversationId, 'Here I am');
    await eventually('the message arrives', () => service.received(conversationId).includes('Here I am'));
    expect(await service.view(conversationId)).toMatchObject({ state: 'connected', undelivered: 0 });
  });

  test('one false NOT_FOUND while the conversation is read: it is read again', async () => {
    service.infobip.faults.set(once('GET .*/messages$', 404));
    const { conversationId } = await service.handOff({}, ['My order is late']);
    await service.until(conversationId, 'waiting');
    const { transcript } = await service.deskCase(conversationId);
    expect(JSON.stringify(transcript)).toContain('My order is late');
  });

  test.each([404, 'proxy-404'] as const)('one %s before the desk: the agent has not closed', async (fault) => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.desk.faults.set(once('POST /cases/.*/messages$', fault));
    service.say('Are you there?', from);
    await eventually('it arrives', async () => (await inCase(conversationId)).includes('Are you there?'));
    expect(await service.view(conversationId)).toMatchObject({ state: 'waiting', undelivered: 0 });
  });

  test('a claim that the conversation is closed is verified: a false one changes nothing', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const event = { type: 'conversation-closed', id: 'claim', at: new Date().toISOString() };
    const id = handoffId({ account: service.account, conversationId });
    await service.client.workflow.getHandle(id).signal('deliver', [event]);
    await answer(conversationId, 'Still here');
    await eventually('the handoff goes on', () => service.received(conversationId).includes('Still here'));
    expect(await service.view(conversationId)).toMatchObject({ state: 'connected' });
  });

  test('P15: a conversation whose closing is refused for a while is closed in the end', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.infobip.faults.set({ api: { next: [{ match: 'PATCH .*', answer: 500, times: 2, delayMs: 0 }] } });
    await service.agent(conversationId, 'close');
    await service.until(conversationId, 'closed');
    expect(service.infobip.endUsers.conversation(conversationId)).toMatchObject({ status: 'CLOSED', bot: 'listening' });
  });

  test('P20: a desk that opens a case again because of our append ends with it closed', async () => {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    service.say('one last thing', from);
    await service.agent(conversationId, 'close');
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'resolved' });
    expect((await service.deskCase(conversationId)).status).toBe('closed');
    expect(service.infobip.endUsers.conversation(conversationId)?.status).toBe('CLOSED');
  });

  test('P36: another contact center can neither speak for a case nor close it', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const { key: caseKey } = await service.deskCase(conversationId);
    const foreign = { caseKey, contactCenter: 'other', at: new Date().toISOString() };
    const message = { id: randomUUID(), at: foreign.at, agent: { name: 'Eve' }, content: { kind: 'text', text: 'Hi' } };
    const id = handoffId({ account: service.account, conversationId });
    const events = [
      { ...foreign, type: 'agent-message', message },
      { ...foreign, type: 'case-closed', id: 'x' },
    ];
    await service.client.workflow.getHandle(id).signal('deliver', events);
    expect(await service.view(conversationId)).toMatchObject({ state: 'waiting', messages: [] });
  });

  test('P37: malformed events are dropped and stop nothing', async () => {
    const { conversationId } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const { key: caseKey } = await service.deskCase(conversationId);
    const id = handoffId({ account: service.account, conversationId });
    const broken = [{ type: 'agent-joined', caseKey, contactCenter: 'desk', id: '1', at: '2026-01-01' }, null, 7, 'x'];
    await service.client.workflow.getHandle(id).signal('deliver', broken);
    await answer(conversationId, 'It works');
    await eventually('the handoff goes on', () => service.received(conversationId).includes('It works'));
  });
});
