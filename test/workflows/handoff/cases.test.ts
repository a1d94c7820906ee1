import { eventKey } from '../../../domain/events';
import {
  ANA,
  BEFORE,
  KEY,
  SECOND,
  Simulation,
  agentSays,
  happens,
  inbound,
  settingsWith,
  type Move,
} from '../../support/handoff-simulation';

const transfer: Move = { kind: 'transfer', to: 'other', queue: 'billing' };

/** A handoff with an agent in its first case, that is on its way to another contact center. */
function transferred(): Simulation {
  return new Simulation()
    .open()
    .play([inbound('1'), agentSays('1')])
    .settle()
    .play([transfer]);
}

const notes = ({ world }: Simulation, key: string) =>
  world.cases.get(key)!.notes.map((note) => note.slice(note.indexOf(' ') + 1));

describe('a transfer', () => {
  test('opens a second case with a key of its own, from a transcript that is read again', () => {
    const simulation = transferred().settle();
    expect(simulation.requests('gather')).toHaveLength(2);
    expect(simulation.requests('openCase')).toMatchObject([
      { key: KEY, route: { contactCenter: 'desk' } },
      { key: SECOND, route: { contactCenter: 'other', queue: 'billing' } },
    ]);
    expect([...simulation.world.cases.keys()]).toEqual([KEY, SECOND]);
  });

  test('closes the old case, which its agents find as transferred', () => {
    const simulation = transferred().settle();
    expect(simulation.requests('closeCase')).toMatchObject([{ key: KEY, reason: 'transferred' }]);
    expect(simulation.state.cases.map(({ status }) => status)).toEqual(['closed', 'open']);
    expect(simulation.state.phase.name).toBe('active');
  });

  test('P20: closes the old case after what is under way to it, which could open it again', () => {
    const simulation = new Simulation().open().play([inbound('1')]);
    expect(simulation.start('toAgent')).toBe(true);
    simulation.play([transfer]);
    while (simulation.start('lifecycle')) simulation.endCall('lifecycle', 'done');
    expect(simulation.state.cases.map(({ status }) => status)).toEqual(['open', 'open']);
    simulation.settle();
    expect(simulation.requests('closeCase')).toMatchObject([{ key: KEY, reason: 'transferred' }]);
    expect(simulation.world.cases.get(KEY)).toMatchObject({ status: 'closed', messages: ['1'] });
  });

  test('lets messages wait until it is known what the transcript of the second case holds', () => {
    const simulation = transferred().play([inbound('2'), inbound('3')]);
    expect(simulation.start('toAgent')).toBe(false);
    simulation.answer('lifecycle', 'gather', { messageIds: ['1', '2'], tags: [], attributes: {} });
    expect(simulation.start('toAgent')).toBe(false);
    simulation.settle();
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['1']);
    expect(simulation.world.cases.get(SECOND)!.messages).toEqual(['3']);
  });

  test('lets the old agent leave, tells the end user to wait, and lets the new agent join', () => {
    const marko = { id: 'marko', name: 'Marko' };
    const simulation = transferred()
      .settle()
      .play([agentSays('2', marko, 'hi', SECOND)])
      .settle();
    expect(simulation.heard().slice(-6)).toEqual([
      'joined Ana', 'Ana: 1', 'left Ana', 'BOT waiting', 'joined Marko', 'Marko: 2',
    ]); // prettier-ignore
  });

  test("still delivers what the old case's agent says until the second one is open", () => {
    const simulation = transferred()
      .play([agentSays('2')])
      .settle();
    expect(simulation.heard()).toEqual(['BOT waiting', 'joined Ana', 'Ana: 1', 'Ana: 2', 'left Ana', 'BOT waiting']);
  });

  test('P18: refuses what the agents of the old case say afterwards, with a note there', () => {
    const simulation = transferred()
      .settle()
      .play([agentSays('9')])
      .settle();
    expect(simulation.heard()).not.toContain('Ana: 9');
    expect(notes(simulation, KEY)).toEqual([
      'Not delivered to the end user (the conversation has moved to another case): the message of 2026-01-01 00:00:00 UTC.',
    ]);
    expect(notes(simulation, SECOND)).toEqual([]);
    expect(simulation.state.answered).toBe(false);
  });

  test('is not undone by an agent who closes or opens the old case', () => {
    const simulation = transferred()
      .settle()
      .play([happens('case-closed'), happens('case-reopened')])
      .settle();
    expect(simulation.state.phase.name).toBe('active');
    expect(notes(simulation, KEY)).toEqual([
      'The conversation with the end user has ended: what is written here does not reach them.',
    ]);
    // What its agent has opened again is theirs: we do not close it against their will.
    expect(simulation.requests('closeCase')).toHaveLength(1);
  });

  test('P21: that fails goes on in the first case, whose agents learn why', () => {
    const simulation = transferred().play([inbound('2')]);
    simulation.endCall('lifecycle', 'done');
    simulation.endCall('lifecycle', 'no-agents');
    simulation.play([agentSays('2')]).settle();
    expect(simulation.state.cases.map(({ status }) => status)).toEqual(['open', 'failed']);
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['1', '2']);
    expect(notes(simulation, KEY)).toEqual(['The transfer to other failed: no-agents']);
    expect(simulation.heard().at(-1)).toBe('Ana: 2');
  });

  test('of a case that its agent closes meanwhile goes on in the second', () => {
    const simulation = transferred()
      .play([happens('case-closed')])
      .settle();
    expect(simulation.state.phase.name).toBe('active');
    expect(simulation.state.cases.map(({ status }) => status)).toEqual(['closed', 'open']);
    expect(simulation.requests('closeCase')).toEqual([]);
  });

  test('that fails after the agent has closed the first case ends the handoff', () => {
    const simulation = transferred().play([happens('case-closed')]);
    simulation.endCall('lifecycle', 'done');
    simulation.endCall('lifecycle', 'no-agents');
    simulation.settle();
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'resolved' });
  });

  test('that is cut off by the end closes both cases', () => {
    const simulation = transferred().play([{ kind: 'call', track: 'lifecycle', end: 'done' }]);
    simulation.start('lifecycle');
    simulation.make({ kind: 'close' });
    simulation.settle();
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'cancelled' });
    expect(simulation.requests('closeCase').map(({ key }) => key)).toEqual([KEY, SECOND]);
  });
});

test('P1: a contact center that numbers like the one of the handoff before is heard', () => {
  const before = { ...agentSays('1', ANA, 'in time', BEFORE).event, contactCenter: 'other' };
  const simulation = new Simulation(settingsWith(), [eventKey(before)]).open().play([agentSays('1')]);
  expect(simulation.settle().heard()).toContain('Ana: 1');
});

describe('agents who are faster than their contact center', () => {
  const marko = { id: 'marko', name: 'Marko' };

  test('are heard before it has said that it has the case', () => {
    const simulation = new Simulation();
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.play([agentSays('1'), inbound('1')]).settle();
    expect(simulation.heard()).toEqual(['joined Ana', 'Ana: 1']);
    expect(simulation.state).toMatchObject({ phase: { name: 'active' }, answered: true });
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['1']);
  });

  test('are heard as early after a transfer, and the agent of the case before leaves first', () => {
    const simulation = transferred();
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.play([agentSays('2', marko, 'hi', SECOND)]).settle();
    expect(simulation.heard().slice(2)).toEqual(['Ana: 1', 'left Ana', 'joined Marko', 'Marko: 2']);
    expect(simulation.state).toMatchObject({ answered: true, representative: { agent: marko } });
  });

  test.each([KEY, SECOND])('end the handoff by closing the case so early (%s)', (key) => {
    const simulation = key === KEY ? new Simulation() : transferred();
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.play([happens('case-closed', 'early', key)]).settle();
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'resolved' });
    expect(simulation.world.conversation).toBe('closed');
  });

  test('may even open it again: it is still found', () => {
    const simulation = new Simulation();
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.play([happens('case-closed'), happens('case-reopened'), inbound('1')]).settle();
    expect(simulation.state).toMatchObject({
      phase: { name: 'active' },
      cases: [{ status: 'open', ref: { id: KEY } }],
    });
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['1']);
  });
});

describe('a case that may have come about although its opening failed', () => {
  test('is closed, and its agents hold up nobody', () => {
    const simulation = transferred();
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.world.cases.set(SECOND, { status: 'open', messages: [], notes: [] });
    simulation
      .fail('lifecycle', 'timed-out')
      .play([agentSays('2', undefined, 'hi', SECOND), inbound('2')])
      .settle();
    expect(simulation.requests('closeCase')).toMatchObject([{ key: SECOND, reason: 'unavailable' }]);
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['1', '2']);
    simulation.play([happens('case-closed', '1', SECOND), happens('case-reopened', '2', SECOND)]).settle();
    expect(simulation.state.cases.map(({ status }) => status)).toEqual(['open', 'failed']);
  });

  test('is closed as well where it would have been the only one', () => {
    const simulation = new Simulation();
    simulation.endCall('lifecycle', 'done');
    simulation.fail('lifecycle', 'timed-out').settle();
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'unavailable' });
    expect(simulation.requests('closeCase')).toMatchObject([{ key: KEY, reason: 'unavailable' }]);
  });
});

test('the case is noted on the conversation, each one once', () => {
  const simulation = transferred().settle();
  expect(simulation.requests('link').map(({ caseKey }) => caseKey)).toEqual([KEY, SECOND]);
});

test('agents of another contact center do not speak for the second case either', () => {
  const simulation = transferred().settle();
  const message = {
    id: '5',
    at: '2026-01-01T00:00:00.000Z',
    agent: ANA,
    content: { kind: 'text' as const, text: 'x' },
  };
  simulation.make({ kind: 'event', event: { type: 'agent-message', caseKey: SECOND, contactCenter: 'desk', message } });
  expect(simulation.settle().heard()).not.toContain('Ana: 5');
});

describe('P18: an agent who goes on in a case of the handoff before', () => {
  const late = 'The conversation with the end user has ended: what is written here does not reach them.';

  /** The case before is closed, and the next one is open. */
  function handedOffAgain(seenBefore: string[] = []): Simulation {
    const simulation = new Simulation(settingsWith(), seenBefore).open();
    simulation.world.cases.set(BEFORE, { status: 'closed', messages: [], notes: [] });
    return simulation;
  }

  test('learns once, by a note there, that it reaches nobody', () => {
    const simulation = handedOffAgain()
      .play([agentSays('1', ANA, 'late', BEFORE), agentSays('2', ANA, 'later', BEFORE)])
      .settle();
    expect(simulation.world.cases.get(BEFORE)!.notes).toEqual([`${BEFORE}/late ${late}`]);
    expect(simulation.heard()).toEqual(['BOT waiting']);
    expect(simulation.state.answered).toBe(false);
  });

  test('learns it also while the next case is being opened or closed', () => {
    const early = new Simulation().play([agentSays('1', ANA, 'late', BEFORE)]);
    expect(early.start('toEarlierCases')).toBe(true);
    const closing = handedOffAgain().resolve().closeUntil('close-cases');
    closing.play([agentSays('1', ANA, 'late', BEFORE)]).settle();
    expect(closing.world.cases.get(BEFORE)!.notes).toEqual([`${BEFORE}/late ${late}`]);
    expect(closing.state.phase.name).toBe('closed');
  });

  test('gets no note for what reached the end user then', () => {
    const simulation = handedOffAgain(['c:1', 'c:case-reopened:2'])
      .play([agentSays('1', ANA, 'in time', BEFORE), happens('case-reopened', '2', BEFORE)])
      .settle();
    expect(simulation.requests('noteEarlierCase')).toEqual([]);
  });

  test.each(['case-closed', 'transferred'] as const)('needs no note where all they do is: %s', (type) => {
    const simulation = handedOffAgain()
      .play([happens(type, '1', BEFORE)])
      .settle();
    expect(simulation.requests('noteEarlierCase')).toEqual([]);
    expect(simulation.state.phase.name).toBe('active');
  });

  test('holds up nobody while the contact center there is down', () => {
    const simulation = handedOffAgain().play([agentSays('1', ANA, 'late', BEFORE), inbound('1'), agentSays('2')]);
    expect(simulation.start('toEarlierCases')).toBe(true);
    simulation.endCall('toAgent', 'done');
    while (simulation.start('toEndUser')) simulation.endCall('toEndUser', 'done');
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['1']);
    expect(simulation.heard()).toContain('Ana: 2');
    simulation.endCall('toEarlierCases', 'interrupted-before');
    expect(simulation.state.toEarlierCases).toHaveLength(1);
    simulation.endCall('toEarlierCases', 'timed-out');
    expect(simulation.state.toEarlierCases).toEqual([]);
  });

  test('cannot fill the state by making up cases', () => {
    const simulation = handedOffAgain();
    for (let i = 0; i < 500; i++) {
      const made = BEFORE.replace('ba9876543210', i.toString(16).padStart(12, '0'));
      simulation.play([agentSays(String(i), ANA, 'late', made)]);
    }
    expect(simulation.state.toEarlierCases.length).toBeLessThanOrEqual(20);
  });
});
