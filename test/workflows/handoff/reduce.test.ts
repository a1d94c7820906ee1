import { jsonBytes } from '../../../domain/limits';
import type { HandoffEvent } from '../../../domain/events';
import {
  agentSays,
  AT,
  happens,
  inbound,
  KEY,
  settingsWith,
  Simulation,
  type Move,
} from '../../support/handoff-simulation';

const event = (one: HandoffEvent): Move => ({ kind: 'event', event: one });
const requested = (id: string): Move =>
  event({ type: 'handoff-requested', id, nonce: 'fedcba987654', call: { queue: id } });

describe('an event', () => {
  test('P2: that arrives twice counts once', () => {
    const twice = [inbound('1'), inbound('1'), agentSays('1'), agentSays('1')];
    const simulation = new Simulation().open().play(twice).settle().play(twice).settle();
    expect(simulation.state.counts).toEqual({ inbound: 1, outbound: 1, undelivered: 0 });
  });

  test('of one side does not hide one of the other side that is numbered alike', () => {
    const simulation = new Simulation()
      .open()
      .play([inbound('1'), agentSays('1'), happens('transferred', '1')])
      .settle();
    expect(simulation.state.counts).toMatchObject({ inbound: 1, outbound: 1 });
    expect(simulation.heard().at(-1)).toBe('left Ana');
  });

  test('of another case of the same conversation is none of ours', () => {
    const foreign = KEY.replace('0123456789ab', 'ba9876543210');
    const simulation = new Simulation()
      .open()
      .play([agentSays('1', undefined, 'x', foreign)])
      .settle();
    expect(simulation.statuses()).toEqual([]);
    simulation.play([happens('case-closed', '1', foreign)]).settle();
    expect(simulation.state.phase.name).toBe('active');
  });

  test('P36: from a contact center other than that of the case is ignored: neither its words nor its close count', () => {
    const agent = { name: 'Mallory' };
    const from = { caseKey: KEY, contactCenter: 'other' };
    const words: HandoffEvent = {
      type: 'agent-message',
      ...from,
      message: { id: '1', at: AT, agent, content: { kind: 'text', text: 'hello' } },
    };
    const simulation = new Simulation().open().settle();
    const before = simulation.state;
    simulation.play([
      event(words),
      event({ type: 'case-closed', ...from, id: '1', at: AT }),
      event({ type: 'agent-joined', ...from, id: '2', at: AT, agent }),
    ]);
    expect(simulation.state).toEqual(before);
    simulation.play([agentSays('1')]).settle();
    expect(simulation.heard()).toEqual(['BOT waiting', 'joined Ana', 'Ana: 1']);
  });
});

describe('the bot that asks again for an agent', () => {
  test('while a handoff is open gets that one', () => {
    const simulation = new Simulation()
      .open()
      .play([requested('sales')])
      .settle();
    expect(simulation.state.requested).toBeUndefined();
    simulation.resolve().settle();
    expect(simulation.state.requested).toBeUndefined();
  });

  test('while a handoff is closing is kept, the latest of several, for one that begins after it', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .resolve()
      .play([requested('sales'), requested('billing')]);
    simulation.settle();
    expect(simulation.state.phase.name).toBe('closed');
    expect(simulation.state.requested).toEqual({ id: 'billing', nonce: 'fedcba987654', call: { queue: 'billing' } });
  });
});

describe('a retry', () => {
  /** In both directions a message 42, of which the given one is undeliverable. */
  function withOneUndeliverable(direction: 'inbound' | 'outbound'): Simulation {
    const simulation = new Simulation().open().settle();
    if (direction === 'inbound')
      simulation
        .play([inbound('42')])
        .fail('toAgent', 'rejected')
        .settle();
    else simulation.play([inbound('42')]).settle();
    simulation.play([agentSays('42')]).endCall('toEndUser', 'done');
    if (direction === 'outbound') simulation.fail('toEndUser', 'unsupported');
    return simulation.settle();
  }

  test.each(['inbound', 'outbound'] as const)(
    'of the %s message leaves the other one of the same id alone',
    (direction) => {
      const simulation = withOneUndeliverable(direction);
      const other = direction === 'inbound' ? 'outbound' : 'inbound';
      simulation.apply({ type: 'retry', messageId: '42', direction });
      expect(simulation.statuses()).toContain(`${direction} 42 accepted`);
      expect(simulation.statuses()).toContain(`${other} 42 delivered`);
      simulation.settle();
      expect(simulation.statuses().sort()).toEqual(['inbound 42 delivered', 'outbound 42 delivered']);
      expect(simulation.state.counts).toEqual({ inbound: 1, outbound: 1, undelivered: 0 });
      expect(simulation.state.undeliverable).toEqual([]);
    },
  );

  test('of a message that is not undeliverable changes nothing', () => {
    const simulation = withOneUndeliverable('outbound');
    const before = simulation.state;
    simulation.apply({ type: 'retry', messageId: '42', direction: 'inbound' });
    expect(simulation.state).toBe(before);
  });
});

describe('a long queue', () => {
  const long = '語'.repeat(16_000);

  test('keeps the later messages by reference where the platform can be read again, and all arrive in order', () => {
    const simulation = new Simulation().open();
    const ids = Array.from({ length: 12 }, (_, i) => String(i));
    for (const id of ids) simulation.make(inbound(id, long));
    const kept = simulation.state.toAgent.map((item) => item.kind === 'message' && item.message.content !== undefined);
    expect(kept.slice(0, 2)).toEqual([true, true]);
    expect(kept.slice(3)).toEqual(kept.slice(3).fill(false));
    simulation.settle();
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(ids);
    expect(
      simulation
        .requests('append')
        .flatMap(({ messages }) => messages)
        .at(-1)!.content,
    ).toBeUndefined();
  });

  test("keeps an agent's later messages by reference where their case can be read again", () => {
    const { desk } = settingsWith().contactCenters;
    const settings = settingsWith({ contactCenters: { desk: { ...desk!, rereadable: true } } });
    const simulation = new Simulation(settings).open();
    for (let i = 0; i < 6; i++) simulation.make(agentSays(String(i), undefined, long));
    expect(jsonBytes(simulation.state)).toBeLessThan(200_000);
    simulation.settle();
    expect(simulation.statuses().every((status) => status.endsWith('delivered'))).toBe(true);
  });

  test('that is full where nothing can be read again makes a message undeliverable, and its sender learns it', () => {
    const settings = settingsWith({ platform: { history: false, representatives: true, textLimit: 4_096 } });
    const simulation = new Simulation(settings).open();
    for (let i = 0; i < 8; i++) simulation.make(inbound(String(i), long));
    expect(simulation.statuses().at(-1)).toBe('inbound 7 undeliverable backlog-full');
    simulation.settle();
    expect(simulation.heard()).toContain('BOT undeliverable');
    for (let i = 0; i < 8; i++) simulation.make(agentSays(String(i), undefined, long));
    expect(simulation.statuses().at(-1)).toBe('outbound 7 undeliverable backlog-full');
    simulation.settle();
    expect(simulation.world.cases.get(KEY)!.notes.join()).toMatch(/too many messages are pending/);
  });
});
