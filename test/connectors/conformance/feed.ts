import { eventKey } from '../../../domain/events';
import { drain, eventsOf, newMessage, newOpening, textsIn, type Suite } from './suite';

/** What agents do, as it arrives by polling: 40 to 59. */
export function feedRequirements({ underTest, requirement }: Suite): void {
  const connect = () => underTest().connect();
  const agent = () => underTest().agent;

  /** A case, and the feed from now on. */
  async function watched() {
    const contactCenter = connect();
    const opening = newOpening();
    const ref = await contactCenter.openCase(opening);
    const start = await contactCenter.poll!.start();
    return { contactCenter, key: opening.key, ref, start };
  }

  requirement(40, "an agent's messages arrive in order, with id, time, agent, text and the case's key", async () => {
    const { contactCenter, key, ref, start } = await watched();
    const texts = ['Hello', 'How can I help? <b>Čekam</b> & 字'];
    for (const text of texts) await agent().say(ref, text);
    const found = await eventsOf(contactCenter, start, key, 2);
    const messages = found.flatMap((event) => (event.type === 'agent-message' ? [event.message] : []));
    expect(textsIn(found)).toEqual(texts);
    for (const { id, at, agent } of messages) {
      expect(id).not.toBe('');
      expect(new Date(at).toISOString()).toBe(at);
      expect(agent.name).not.toBe('');
    }
    expect(new Set(messages.map(({ id }) => id)).size).toBe(2);
  });

  requirement(41, "an agent's closing arrives as case-closed, after what was said before it", async () => {
    const { contactCenter, key, ref, start } = await watched();
    await agent().say(ref, 'Goodbye');
    await agent().close(ref);
    const found = await eventsOf(contactCenter, start, key, 2);
    expect(found.map(({ type }) => type)).toEqual(['agent-message', 'case-closed']);
    await expect(contactCenter.findCase(key)).resolves.toMatchObject({ status: 'closed' });
  });

  requirement(42, "an agent's reopening arrives as case-reopened", async () => {
    const { contactCenter, key, ref, start } = await watched();
    await agent().close(ref);
    await agent().reopen(ref);
    const found = await eventsOf(contactCenter, start, key, 2);
    expect(found.map(({ type }) => type)).toEqual(['case-closed', 'case-reopened']);
    await expect(contactCenter.findCase(key)).resolves.toMatchObject({ status: 'open' });
  });

  requirement(43, 'what comes from us does not come back: messages, notes', async () => {
    const { contactCenter, key, ref, start } = await watched();
    await contactCenter.append(ref, [newMessage('from the end user')]);
    await contactCenter.note(ref, 'n-1', 'from the service');
    await agent().say(ref, 'from the agent');
    const found = await eventsOf(contactCenter, start, key, 1);
    expect(textsIn(found)).toEqual(['from the agent']);
  });

  requirement(44, "an agent's internal note never reaches the end user", async () => {
    const { contactCenter, key, ref, start } = await watched();
    await agent().note(ref, 'seems upset');
    await agent().say(ref, 'Hello');
    const found = await eventsOf(contactCenter, start, key, 1);
    expect(textsIn(found)).toEqual(['Hello']);
    expect(JSON.stringify(found)).not.toContain('upset');
  });

  requirement(45, 'a message that comes for a closed case is not an act of an agent: no case-reopened', async () => {
    const { contactCenter, key, ref, start } = await watched();
    await agent().close(ref);
    await contactCenter.append(ref, [newMessage('one more thing')]).catch(() => undefined);
    await eventsOf(contactCenter, start, key, 1);
    const { events } = await drain(contactCenter, start);
    const own = events.filter(({ caseKey }) => caseKey === key);
    expect(own.map(({ type }) => type)).toEqual(['case-closed']);
  });

  requirement(46, 'reading again from a cursor brings the same events under the same ids', async () => {
    const { contactCenter, key, ref, start } = await watched();
    await agent().say(ref, 'one');
    const first = await eventsOf(contactCenter, start, key, 1);
    await agent().say(ref, 'two');
    const again = await eventsOf(contactCenter, start, key, 2);
    expect(again.map(eventKey).slice(0, 1)).toEqual(first.map(eventKey));
    expect(textsIn(again)).toEqual(['one', 'two']);
  });

  requirement(47, 'a restart reads on from the cursor, and misses nothing that happened meanwhile', async () => {
    const { contactCenter, key, ref, start } = await watched();
    await agent().say(ref, 'before');
    await eventsOf(contactCenter, start, key, 1);
    const { cursor } = await drain(contactCenter, start);
    await agent().say(ref, 'meanwhile');
    await agent().close(ref);
    const found = await eventsOf(connect(), cursor, key, 2);
    // What the cursor's overlap brings a second time is known by its id.
    expect(textsIn(found)).toContain('meanwhile');
    expect(found.at(-1)).toMatchObject({ type: 'case-closed' });
  });

  requirement(48, 'one item that cannot be read is counted, and holds up nothing that follows it', async () => {
    const { contactCenter, key, ref, start } = await watched();
    await agent().say(ref, 'before');
    await underTest().unreadableItem(ref);
    await agent().say(ref, 'after');
    const found = await eventsOf(contactCenter, start, key, 2);
    expect(textsIn(found)).toEqual(['before', 'after']);
    expect((await drain(contactCenter, start)).unreadable).toBeGreaterThanOrEqual(1);
  });

  requirement(49, 'cases without a key of ours are not in the feed', async () => {
    const { contactCenter, key, ref, start } = await watched();
    await underTest().foreignActivity();
    await agent().say(ref, 'Hello');
    await eventsOf(contactCenter, start, key, 1);
    const { events } = await drain(contactCenter, start);
    expect(events.filter(({ caseKey }) => caseKey !== key)).toEqual([]);
  });

  requirement(50, "an agent's messages can be read again by their ids, where the capabilities say so", async () => {
    const { contactCenter, key, ref, start } = await watched();
    if (!contactCenter.agentMessages) return;
    await agent().say(ref, 'one');
    await agent().say(ref, 'two');
    const found = await eventsOf(contactCenter, start, key, 2);
    const messages = found.flatMap((event) => (event.type === 'agent-message' ? [event.message] : []));
    const ids = ['no such id', ...messages.map(({ id }) => id)];
    await expect(contactCenter.agentMessages.read(ref, ids)).resolves.toEqual(messages);
  });
}
