import fc from 'fast-check';
import type { HandoffEvent } from '../../../../domain/events';
import { moves } from '../../../support/handoff-moves';
import {
  agentSays,
  AT,
  happens,
  inbound,
  KEY,
  settingsWith,
  Simulation,
  type Move,
} from '../../../support/handoff-simulation';

const claim: Move = { kind: 'event', event: { type: 'conversation-closed', id: '1', at: AT } };

const TRACK_NAMES = ['lifecycle', 'toAgent', 'toEndUser'] as const;
const names = ({ calls }: Simulation) => calls.map(({ activity }) => activity);

describe('the outcome', () => {
  test('of a case that the agent closes is resolved', () => {
    const { state } = new Simulation().open().resolve().settle();
    expect(state.phase).toMatchObject({ name: 'closed', outcome: 'resolved' });
  });

  test("of the end user's own word is ended-by-user, whatever its case and the space around it", () => {
    const { state, world } = new Simulation()
      .open()
      .play([inbound('1', ' /END ')])
      .settle();
    expect(state.phase).toMatchObject({ name: 'closed', outcome: 'ended-by-user' });
    expect(world.log).toEqual(['close-conversation', `close-case ${KEY}`]);
  });

  test('of a conversation that someone else closed on the platform is closed-elsewhere, once the platform says so itself', () => {
    const simulation = new Simulation().open().settle();
    simulation.world.conversation = 'closed';
    simulation.play([claim]).settle();
    expect(simulation.requests('checkConversation')).toHaveLength(1);
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'closed-elsewhere' });
  });

  test('is none yet where the claim that the conversation is closed is false', () => {
    const { state } = new Simulation()
      .open()
      .settle()
      .play([claim, agentSays('1')])
      .settle();
    expect(state.phase.name).toBe('active');
    expect(state.counts.outbound).toBe(1);
  });

  test('P20: is the first one that there was', () => {
    const { state } = new Simulation()
      .open()
      .resolve()
      .play([inbound('1', '/end')])
      .settle();
    expect(state.phase).toMatchObject({ outcome: 'resolved' });
  });

  test('of a conversation that does not exist is unavailable, and nothing needs closing but the doubt', () => {
    const simulation = new Simulation().fail('lifecycle', 'not-found');
    simulation.answer('lifecycle', 'checkConversation', { status: 'not-found' }).settle();
    expect(simulation.state.phase).toMatchObject({
      outcome: 'unavailable',
      detail: 'The platform has no such conversation.',
    });
    expect(names(simulation)).toEqual(['gather', 'checkConversation']);
  });

  test('of one false "not found" while the conversation is read is none: it is read again', () => {
    const simulation = new Simulation().fail('lifecycle', 'not-found').settle();
    expect(names(simulation).slice(0, 4)).toEqual(['gather', 'checkConversation', 'gather', 'openCase']);
    expect(simulation.state.context).toBe('read');
  });
});

describe('an agent who opens the case again', () => {
  test('P20: before the goodbye undoes the close', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .resolve()
      .play([happens('case-reopened')])
      .settle();
    expect(simulation.state).toMatchObject({ phase: { name: 'active' }, cases: [{ status: 'open' }] });
    simulation.play([agentSays('1')]).settle();
    expect(simulation.heard()).toContain('Ana: 1');
  });

  test('after it learns that the conversation is over, and the case is closed', () => {
    const simulation = new Simulation().open().settle().resolve().closeUntil('close-conversation');
    simulation.play([happens('case-reopened')]).settle();
    expect(simulation.state).toMatchObject({ phase: { name: 'closed' }, cases: [{ status: 'closed' }] });
    expect(simulation.world.cases.get(KEY)!.notes[0]).toMatch(/The conversation with the end user has ended/);
  });

  test("does not undo an end user's own end", () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([inbound('1', '/end'), happens('case-reopened')])
      .settle();
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'ended-by-user' });
  });
});

describe('closing', () => {
  test('goes step by step: last answers, what was missed, goodbye, conversation, what came meanwhile, case', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([agentSays('1'), inbound('1', '/end')])
      .settle();
    const calls = names(simulation);
    expect(calls.slice(calls.indexOf('send'))).toEqual([
      'send', 'readMissed', 'append', 'announce', 'say', 'closeConversation', 'readMissed', 'closeCase',
    ].filter((name) => name !== 'append')); // prettier-ignore
    expect(simulation.heard()).toEqual(['BOT waiting', 'joined Ana', 'Ana: 1', 'left Ana', 'BOT ended']);
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['1']);
  });

  test('P17: brings in what no webhook reported, before and after the conversation is closed', () => {
    const missed = (id: string) => ({ id, at: AT, content: { kind: 'text' as const, text: id } });
    const simulation = new Simulation().open().settle().resolve().closeUntil('read-missed');
    simulation.answer('lifecycle', 'readMissed', { messages: [missed('1')], more: true });
    simulation.answer('lifecycle', 'readMissed', { messages: [missed('2')], more: false });
    simulation.closeUntil('read-again');
    simulation.answer('lifecycle', 'readMissed', { messages: [missed('2'), missed('3')], more: false }).settle();
    expect(simulation.world.cases.get(KEY)!.messages).toEqual(['1', '2', '3']);
  });

  test('without a case makes every pending message undeliverable, and tells the end user once', () => {
    const simulation = new Simulation(settingsWith({ routing: [] })).play([inbound('1'), inbound('2')]).settle();
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'unavailable' });
    expect(simulation.statuses()).toEqual(['inbound 1 undeliverable no-case', 'inbound 2 undeliverable no-case']);
    expect(simulation.heard()).toEqual(['BOT undeliverable', 'BOT unavailable']);
  });

  test('during the opening finds the case that may have come of it, by its key', () => {
    const simulation = new Simulation();
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.make({ kind: 'close' });
    simulation.settle();
    expect(simulation.requests('checkCase')).toMatchObject([{ key: KEY }]);
    expect(simulation.requests('closeCase')).toMatchObject([{ key: KEY, case: { id: KEY } }]);
    expect(simulation.world.cases.get(KEY)!.status).toBe('closed');
  });

  test('P12: during the opening delivers what is pending into the case that came of it', () => {
    const simulation = new Simulation().play([inbound('1')]);
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.play([inbound('2', '/end')]).settle();
    expect(simulation.world.cases.get(KEY)).toMatchObject({ status: 'closed', messages: ['1', '2'] });
    expect(simulation.statuses()).toEqual(['inbound 1 delivered', 'inbound 2 delivered']);
  });

  test('P1: during the opening reports what is pending where no case came of it, and looks once more in the end', () => {
    const simulation = new Simulation().play([inbound('1')]);
    simulation.endCall('lifecycle', 'done');
    simulation.endCall('lifecycle', 'interrupted-before');
    simulation.play([{ kind: 'close' }]).settle();
    expect(simulation.statuses()).toEqual(['inbound 1 undeliverable no-case']);
    expect(simulation.heard()).toEqual(['BOT undeliverable', 'BOT goodbye']);
    expect(simulation.requests('closeCase')).toMatchObject([{ key: KEY }]);
  });

  test('P16: during the opening waits 30 seconds at most for a contact center that is down', () => {
    const simulation = new Simulation().play([inbound('1')]);
    simulation.endCall('lifecycle', 'done');
    simulation.endCall('lifecycle', 'interrupted-before');
    simulation.make({ kind: 'close' });
    simulation.closeUntil('last-messages').start('lifecycle');
    const before = simulation.now;
    simulation.make({ kind: 'deadline' });
    expect(simulation.now - before).toBeLessThan(31_000);
    simulation.settle();
    expect(simulation.heard()).toEqual(['BOT goodbye', 'BOT undeliverable']);
  });

  test('delivers what an end user wrote before a case was known that its agent has already closed', () => {
    const simulation = new Simulation().play([inbound('1')]);
    simulation.endCall('lifecycle', 'done');
    simulation.start('lifecycle');
    simulation.play([happens('case-closed')]).settle();
    expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'resolved' });
    expect(simulation.statuses()).toEqual(['inbound 1 delivered']);
  });

  test('goes on with what arrives when all seemed done', () => {
    const simulation = new Simulation()
      .open()
      .resolve()
      .settle()
      .play([inbound('9')]);
    expect(simulation.state.phase).toMatchObject({ name: 'closing', step: 'deliver-rest', outcome: 'resolved' });
    simulation.settle();
    expect(simulation.state.phase.name).toBe('closed');
    expect(simulation.statuses()).toEqual(['inbound 9 delivered']);
  });

  test('asks for a conversation to be closed again and again, until the platform reports it as closed', () => {
    const simulation = new Simulation().open().settle().resolve().closeUntil('close-conversation');
    for (const kind of ['rejected', 'timed-out', 'interrupted']) simulation.fail('lifecycle', kind);
    expect(simulation.state.phase).toMatchObject({ step: 'close-conversation' });
    simulation.settle();
    expect(simulation.world.conversation).toBe('closed');
  });

  test('cuts short what is still being sent to the end user once the conversation is closed', () => {
    const simulation = new Simulation().open().play([agentSays('1')]);
    while (simulation.requests('send').length === 0) {
      if (simulation.requests('announce').length === 0) simulation.endCall('toEndUser', 'done');
      simulation.start('toEndUser');
      if (simulation.requests('send').length === 0) simulation.endCall('toEndUser', 'done');
    }
    simulation.world.conversation = 'closed';
    simulation.play([claim]).endCall('lifecycle', 'done');
    expect(simulation.state.conversation).toBe('closed');
    simulation.settle();
    expect(simulation.requests('send')).toHaveLength(1);
    expect(simulation.statuses()).toEqual(['outbound 1 undeliverable conversation-closed']);
  });

  test('leaves a case that its contact center refuses to close in front of its agents, and ends', () => {
    const simulation = new Simulation()
      .open()
      .settle()
      .play([{ kind: 'close' }])
      .closeUntil('close-cases');
    simulation.fail('lifecycle', 'rejected').settle();
    expect(simulation.state).toMatchObject({ phase: { name: 'closed' }, cases: [{ status: 'open', settled: true }] });
  });

  test('says nothing more to the end user after the goodbye but what could not be delivered', () => {
    fc.assert(
      fc.property(moves, moves, (before, after) => {
        const simulation = new Simulation().play(before);
        simulation.resolve('end');
        if (simulation.state.phase.name === 'closing') {
          const goodbye = () => simulation.heard().some((line) => /^BOT (goodbye|ended)$/.test(line));
          for (let i = 0; i < 300 && !goodbye() && simulation.state.phase.name === 'closing'; i++) {
            for (const track of TRACK_NAMES) if (!goodbye()) simulation.endCall(track, 'done');
          }
        }
        simulation.play(after).settle();
        const words = simulation.heard();
        const last = words.findIndex((word) => /^BOT (goodbye|ended)$/.test(word));
        const later = last < 0 ? [] : words.slice(last + 1).filter((word) => word !== 'BOT undeliverable');
        expect(later).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

test('a claim about the conversation, in the middle of closing, is verified before anything else', () => {
  const simulation = new Simulation()
    .open()
    .settle()
    .play([inbound('1', '/end')])
    .closeUntil('close-conversation');
  const event: HandoffEvent = { type: 'conversation-closed', id: '2', at: AT };
  simulation.play([{ kind: 'event', event }]).settle();
  expect(simulation.state.phase).toMatchObject({ name: 'closed', outcome: 'ended-by-user' });
  expect(simulation.world.conversation).toBe('closed');
});
