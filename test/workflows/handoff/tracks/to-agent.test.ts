import { settingsWith, agentSays, inbound, KEY, Simulation, type Move } from '../../../support/handoff-simulation';

const AT = '2026-01-01T00:00:00.000Z';
const DESK = settingsWith().contactCenters.desk!;

/** What the case has of the end user's messages, and its notes. */
const inCase = ({ world }: Simulation, key = KEY) => world.cases.get(key)!.messages;
const notes = ({ world }: Simulation, key = KEY) =>
  world.cases.get(key)!.notes.map((note) => note.slice(note.indexOf(' ') + 1));
const omitted = (id: string): Move => ({
  kind: 'event',
  event: { type: 'inbound', message: { id, at: AT, content: { kind: 'omitted', bytes: 70_000 } } },
});

describe("the end user's messages", () => {
  test('travel together, as many as one call may carry', () => {
    const simulation = new Simulation().open();
    for (let i = 0; i < 25; i++) simulation.make(inbound(String(i)));
    simulation.settle();
    expect(simulation.requests('append').map(({ messages }) => messages.length)).toEqual([20, 5]);
    expect(inCase(simulation)).toEqual(Array.from({ length: 25 }, (_, i) => String(i)));
  });

  test('P12: that the transcript holds are not delivered again, even where they arrived before it was read', () => {
    const simulation = new Simulation().play([inbound('2')]);
    simulation.answer('lifecycle', 'gather', { messageIds: ['1', '2'], tags: [], attributes: {} });
    simulation.endCall('lifecycle', 'done');
    simulation.play([inbound('1'), inbound('3')]).settle();
    expect(inCase(simulation)).toEqual(['3']);
    expect(simulation.statuses()).toEqual(['inbound 3 delivered']);
  });

  test('refused in company: the first counts as refused, and the others are delivered', () => {
    const simulation = new Simulation().open().play([inbound('1'), inbound('2'), inbound('3')]);
    simulation.fail('toAgent', 'rejected', ['1']).settle();
    expect(simulation.statuses()).toEqual([
      'inbound 1 delivered',
      'inbound 2 undeliverable rejected',
      'inbound 3 delivered',
    ]);
    expect(inCase(simulation)).toEqual(['3']);
  });

  test('of a call that ran out of time are each looked for before they are tried again', () => {
    const simulation = new Simulation().open().play([inbound('1'), inbound('2')]);
    simulation
      .fail('toAgent', 'timed-out')
      .play([inbound('3')])
      .settle();
    const calls = simulation.requests('append').map(({ messages, again }) => [messages.map(({ id }) => id), again]);
    expect(calls).toEqual([
      [['1', '2'], false],
      [['2'], true],
      [['3'], false],
    ]);
    expect(simulation.statuses()[0]).toBe('inbound 1 undeliverable timed-out');
  });

  test('P7: cut short after they arrived are found, and not appended twice', () => {
    const simulation = new Simulation().open().play([inbound('1'), inbound('2')]);
    simulation.endCall('toAgent', 'interrupted-after');
    simulation.settle();
    expect(inCase(simulation)).toEqual(['1', '2']);
    expect(simulation.requests('append').map(({ again }) => again)).toEqual([false, true]);
  });

  test('P1: that cannot be delivered are reported to the end user', () => {
    const simulation = new Simulation()
      .open()
      .play([inbound('1')])
      .fail('toAgent', 'too-large')
      .settle();
    expect(simulation.heard()).toContain('BOT undeliverable');
    expect(simulation.state.counts).toEqual({ inbound: 0, outbound: 0, undelivered: 1 });
  });

  test('too large to be carried are reported as undeliverable, and are in no call', () => {
    const simulation = new Simulation()
      .open()
      .play([omitted('1'), inbound('2')])
      .settle();
    expect(simulation.statuses()).toEqual(['inbound 1 undeliverable too-large', 'inbound 2 delivered']);
    expect(simulation.heard()).toContain('BOT undeliverable');
    expect(inCase(simulation)).toEqual(['2']);
  });

  test('P12: too large to be carried are not reported where the transcript holds them', () => {
    const simulation = new Simulation().play([inbound('1'), omitted('2'), omitted('3')]);
    simulation.answer('lifecycle', 'gather', { messageIds: ['1', '2'], tags: [], attributes: {} });
    simulation.endCall('lifecycle', 'done');
    simulation.play([inbound('4')]).settle();
    expect(simulation.statuses()).toEqual(['inbound 3 undeliverable too-large', 'inbound 4 delivered']);
    expect(simulation.heard().filter((line) => line === 'BOT undeliverable')).toHaveLength(1);
    expect(simulation.state.counts).toEqual({ inbound: 1, outbound: 0, undelivered: 1 });
    expect(inCase(simulation)).toEqual(['4']);
  });

  test('too large to be carried are reported in their turn, and those around them travel', () => {
    const simulation = new Simulation().open().play([inbound('1'), omitted('2'), inbound('3')]);
    simulation.settle();
    expect(simulation.requests('append').map(({ messages }) => messages.map(({ id }) => id))).toEqual([['1'], ['3']]);
    expect(simulation.statuses()[1]).toBe('inbound 2 undeliverable too-large');
  });

  test('tried again by an operator get their full time, and are looked for first', () => {
    const simulation = new Simulation()
      .open()
      .play([inbound('1')])
      .fail('toAgent', 'timed-out');
    simulation.play([{ kind: 'retry' }]).settle();
    const last = simulation.calls.findLast(({ activity }) => activity === 'append')!;
    expect(last).toMatchObject({ request: { again: true }, within: { ms: simulation.settings.timers.deliverWithin } });
    expect(last.within!.since).toBeUndefined();
    expect(simulation.statuses()).toEqual(['inbound 1 delivered']);
  });
});

describe('a contact center that says that the case is not there', () => {
  test.each(['not-found', 'case-closed'])(
    'once, falsely (%s), is asked for the case itself, and the message arrives',
    (kind) => {
      const simulation = new Simulation()
        .open()
        .play([inbound('1')])
        .fail('toAgent', kind);
      expect(simulation.state.doubts.case).toBe(true);
      expect(simulation.start('toAgent')).toBe(false);
      simulation.settle();
      expect(simulation.requests('checkCase')).toHaveLength(1);
      expect(simulation.state.phase.name).toBe('active');
      expect(inCase(simulation)).toEqual(['1']);
    },
  );

  test('again and again loses that message, not the handoff', () => {
    const simulation = new Simulation().open().play([inbound('1'), inbound('2')]);
    for (let time = 1; time <= 3; time++) {
      simulation.fail('toAgent', 'not-found');
      while (simulation.state.doubts.case) simulation.endCall('lifecycle', 'done');
    }
    simulation.settle();
    expect(simulation.statuses()).toEqual(['inbound 1 undeliverable rejected', 'inbound 2 delivered']);
    expect(simulation.state.phase.name).toBe('active');
  });

  test('truly ends the handoff: its agents have closed it', () => {
    const simulation = new Simulation().open().play([inbound('1')]);
    simulation.world.close(KEY);
    simulation.fail('toAgent', 'case-closed').settle();
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'resolved' });
  });
});

describe('where an append would open a closed case again', () => {
  const settings = settingsWith({ contactCenters: { desk: { ...DESK, appendReopens: true } } });

  test('messages after the close become notes', () => {
    const simulation = new Simulation(settings)
      .open()
      .settle()
      .resolve()
      .play([inbound('9', 'one more thing')])
      .settle();
    expect(simulation.requests('append')).toEqual([]);
    expect(notes(simulation)).toEqual(['The end user wrote after this was closed: one more thing']);
    expect(simulation.statuses()).toEqual(['inbound 9 delivered']);
    expect(simulation.state).toMatchObject({
      phase: { name: 'closed', outcome: 'resolved' },
      cases: [{ status: 'closed' }],
    });
  });

  test('messages that were on their way when the case was closed leave it to be closed once more', () => {
    const simulation = new Simulation(settings)
      .open()
      .settle()
      .play([inbound('9')]);
    simulation.start('toAgent');
    simulation.resolve().endCall('toAgent', 'done');
    expect(simulation.state.cases[0]!.status).toBe('open');
    simulation.settle();
    expect(simulation.world.log).toContain(`close-case ${KEY}`);
    expect(simulation.state).toMatchObject({
      phase: { name: 'closed', outcome: 'resolved' },
      cases: [{ status: 'closed' }],
    });
  });
});

describe('notes', () => {
  test('of one kind become one while the contact center is down', () => {
    const simulation = new Simulation().open();
    for (let i = 0; i < 30; i++) {
      simulation.make(agentSays(String(i)));
      if (i === 0) while (simulation.requests('send').length === 0) simulation.endCall('toEndUser', 'done');
    }
    for (let i = 1; i < 30; i++) simulation.fail('toEndUser', 'unsupported');
    expect(simulation.state.toAgent.length).toBe(2);
    simulation.settle();
    const why = 'Not delivered to the end user (the channel does not support this kind of content)';
    expect(notes(simulation)).toEqual([
      `${why}: the message of 2026-01-01 00:00:00 UTC.`,
      `${why}: 28 messages since 2026-01-01 00:00:00 UTC.`,
    ]);
  });
});
