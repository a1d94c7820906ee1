import {
  AT,
  KEY,
  SECOND,
  Simulation,
  agentSays,
  happens,
  inbound,
  settingsWith,
  type Move,
} from '../../support/handoff-simulation';

/** What crosses an opening, a transfer or a close on its way. */

const transfer: Move = { kind: 'transfer', to: 'other', queue: 'billing' };
const transcript = (...messageIds: string[]) => ({ messageIds, tags: [], attributes: {} });
const marko = { id: 'marko', name: 'Marko' };

describe('a transfer that is crossed by', () => {
  test('an append to the first case: what the end user writes meanwhile reaches the second', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([inbound('1')]);
    simulation.start('toAgent');
    simulation.play([transfer, inbound('2')]);
    simulation.answer('lifecycle', 'gather', transcript('1'));
    simulation.endCall('toAgent', 'done');
    simulation.settle();
    expect(simulation.world.cases.get(SECOND)!.messages).toEqual(['2']);
    expect(simulation.statuses()).toContain('inbound 2 delivered');
  });

  test('an append that the first case refuses: what the end user writes meanwhile reaches the second', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([inbound('1')]);
    simulation.start('toAgent');
    simulation.play([transfer, inbound('2')]);
    simulation.answer('lifecycle', 'gather', transcript('1'));
    simulation.endCall('toAgent', 'rejected');
    simulation.settle();
    expect(simulation.world.cases.get(SECOND)!.messages).toEqual(['2']);
  });

  test('the end user, and fails: the first case gets the message', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([transfer, inbound('2')]);
    simulation.answer('lifecycle', 'gather', transcript('2'));
    simulation.endCall('lifecycle', 'no-agents');
    simulation.settle();
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['2']);
    expect(simulation.statuses()).toEqual(['inbound 2 delivered']);
  });

  test('a late webhook, and fails: the first case gets the message', () => {
    const simulation = new Simulation().open().settle().play([transfer]);
    simulation.answer('lifecycle', 'gather', transcript('2'));
    simulation.endCall('lifecycle', 'no-agents');
    simulation.play([inbound('2')]).settle();
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['2']);
  });

  test("the second case's first message: the end user reads it", () => {
    const simulation = new Simulation().open().settle().play([transfer]);
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.play([agentSays('2', marko, 'hi', SECOND)]).settle();
    expect(simulation.heard()).toContain('Marko: 2');
    expect(simulation.state.answered).toBe(true);
  });

  test('the closing of the second case: the handoff ends', () => {
    const simulation = new Simulation().open().settle().play([transfer]);
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.play([happens('case-closed', 'c', SECOND)]).settle();
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'resolved' });
    expect(simulation.world.conversation).toBe('closed');
  });

  test("the second case's first message, and fails: the first case still gets what the end user writes", () => {
    const simulation = new Simulation().open().settle().play([transfer]);
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.play([agentSays('2', marko, 'hi', SECOND)]);
    simulation.endCall('lifecycle', 'timed-out');
    simulation.play([inbound('3'), agentSays('4', marko, 'hi again', SECOND)]).settle();
    simulation.play([inbound('5')]).settle();
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['3', '5']);
  });

  test('a doubt about the first case that its agent has closed: the handoff goes on in the second', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([inbound('1')]);
    simulation.start('toAgent');
    simulation.play([transfer]);
    simulation.world.close(KEY);
    simulation.endCall('toAgent', 'case-closed');
    simulation.settle();
    expect(simulation.state.phase.name).toBe('active');
    expect(simulation.state.cases.map(({ status }) => status)).toEqual(['closed', 'open']);
  });

  test('the outage of the first contact center: it is not asked before the second', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([inbound('1')]);
    simulation.endCall('toAgent', 'not-found');
    simulation.play([transfer]);
    simulation.endCall('lifecycle', 'done');
    simulation.endCall('lifecycle', 'done');
    expect(simulation.requests('openCase').map(({ key }) => key)).toEqual([KEY, SECOND]);
    simulation.settle();
    expect(simulation.world.cases.get(SECOND)!.messages).toEqual(['1']);
  });

  test('what the first agent has said: a message kept by reference and a file are read from the first case', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([agentSays('1')]);
    simulation.play([transfer]);
    simulation.endCall('lifecycle', 'done');
    simulation.endCall('lifecycle', 'done');
    simulation.settle();
    expect(simulation.requests('send')).toMatchObject([{ contactCenter: 'desk', case: { id: KEY } }]);
  });
});

test('an agent who has answered before we learn of the case has answered', () => {
  const timers = { acceptWithin: null, openWithin: 60_000, deliverWithin: 3_600_000, answerWithin: 1_000 };
  const simulation = new Simulation(settingsWith({ timers }));
  simulation.endCall('lifecycle', 'done');
  simulation.start('lifecycle');
  simulation.play([agentSays('1')]).settle();
  simulation.make({ kind: 'deadline' });
  expect(simulation.state).toMatchObject({ phase: { name: 'active' }, answered: true });
});

test('P11: a case that came about unseen when its opening ran out of time is closed', () => {
  const simulation = new Simulation();
  simulation.endCall('lifecycle', 'done');
  simulation.endCall('lifecycle', 'timed-out');
  simulation.settle();
  expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'unavailable' });
  expect(simulation.requests('closeCase')).toMatchObject([{ key: KEY }]);
});

describe('a contact center that does not answer whether its case is closed', () => {
  test('does not keep the conversation from the bot', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([inbound('1')]);
    simulation.endCall('toAgent', 'not-found');
    simulation.make({ kind: 'close' });
    for (let i = 0; i < 50 && simulation.state.conversation === 'open'; i++) {
      if (simulation.start('lifecycle') && simulation.calls.at(-1)!.activity !== 'checkCase') {
        simulation.endCall('lifecycle', 'done');
      } else if (simulation.start('toEndUser')) simulation.endCall('toEndUser', 'done');
      else simulation.make({ kind: 'deadline' });
    }
    expect(simulation.state.conversation).toBe('closed');
    simulation.settle();
    expect(simulation.state.phase.name).toBe('closed');
    expect(simulation.statuses()).toEqual(['inbound 1 delivered']);
  });
});

test('a platform that cannot be read at a transfer: the second case says that its transcript is missing', () => {
  const simulation = new Simulation().open().settle().play([transfer]);
  simulation.fail('lifecycle', 'timed-out');
  simulation.endCall('lifecycle', 'done');
  expect(simulation.requests('openCase')[1]!.gathered).toBeUndefined();
});

test('agents who come and go without end do not fill the state', () => {
  const simulation = new Simulation().open().settle();
  for (let i = 0; i < 400; i++) {
    const agent = { id: `a${i}`, name: '語'.repeat(200), avatarUrl: '語'.repeat(1_000) };
    const of = { caseKey: KEY, contactCenter: 'desk', at: AT };
    simulation.make({ kind: 'event', event: { type: 'agent-joined', ...of, id: `${i}`, agent } });
  }
  expect(JSON.stringify(simulation.state.toEndUser).length).toBeLessThan(100_000);
});

test('an agent who closes and reopens a case before we learn of it keeps the handoff going', () => {
  const simulation = new Simulation();
  simulation.endCall('lifecycle', 'done');
  simulation.start('lifecycle');
  simulation.play([happens('case-closed', 'c')]);
  simulation.world.cases.get(KEY)!.status = 'open';
  simulation.play([happens('case-reopened', 'r'), inbound('1')]).settle();
  expect(simulation.state.phase.name).toBe('active');
  expect(simulation.world.cases.get(KEY)!.messages).toEqual(['1']);
});

test('a second case that came about unseen is closed while the first goes on', () => {
  const simulation = new Simulation().open().settle().play([transfer]);
  simulation.endCall('lifecycle', 'done');
  simulation.endCall('lifecycle', 'timed-out');
  simulation
    .settle()
    .play([inbound('1'), happens('case-closed', 'c', SECOND)])
    .settle();
  expect(simulation.requests('closeCase')).toMatchObject([{ key: SECOND, reason: 'unavailable' }]);
  expect(simulation.state.cases.map(({ status }) => status)).toEqual(['open', 'failed']);
  expect(simulation.world.cases.get(KEY)!.messages).toEqual(['1']);
});

test('notes of many kinds do not fill the state while the contact center is down', () => {
  const simulation = new Simulation().open().settle();
  for (let i = 0; i < 100; i++) {
    simulation.play([agentSays(`r${i}`), agentSays(`t${i}`)]);
    for (const end of ['rejected', 'too-large'] as const) {
      while (simulation.state.toEndUser[0]?.kind === 'message' && simulation.state.representative.type === 'BOT') {
        simulation.endCall('toEndUser', 'done');
      }
      simulation.endCall('toEndUser', end);
    }
  }
  expect(simulation.state.counts.undelivered).toBe(200);
  expect(simulation.state.toAgent.length).toBeLessThan(5);
});
