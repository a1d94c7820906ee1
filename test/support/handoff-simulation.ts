import type { HandoffInput } from '../../domain/contract';
import type { HandoffEvent } from '../../domain/events';
import type { HandoffSettings } from '../../domain/handoff';
import { handoffId } from '../../domain/ids';
import { BUILT_IN_TEXTS } from '../../domain/texts';
import type { ActivityName, AnswerOf, Call, RequestOf, Result } from '../../workflows/handoff/calls';
import { earliest } from '../../workflows/handoff/deadlines';
import { reduce, type Occurrence } from '../../workflows/handoff/reduce';
import {
  currentCase,
  ending,
  initialState,
  openingCase,
  type ClosingStep,
  type HandoffState,
} from '../../workflows/handoff/state';
import { lifecycle } from '../../workflows/handoff/tracks/lifecycle';
import { toAgent } from '../../workflows/handoff/tracks/to-agent';
import { toEarlierCases } from '../../workflows/handoff/tracks/to-earlier-cases';
import { toEndUser } from '../../workflows/handoff/tracks/to-end-user';
import type { Track, TrackContext } from '../../workflows/handoff/tracks/track';
import { World, type End } from './handoff-world';

/** Drives a handoff as the runner does, without Temporal: whatever order things happen in is an input here. */

export const NONCE = '0123456789ab';
const REF = { account: 'main', conversationId: 'conv-1' };
export const KEY = `${handoffId(REF)}#${NONCE}.1`;
/** The key of a case of the handoff before this one. */
export const BEFORE = `${handoffId(REF)}#ba9876543210.1`;
/** The key of the case after a transfer. */
export const SECOND = KEY.replace(/1$/, '2');
export const TRACKS = { lifecycle, toAgent, toEndUser, toEarlierCases };
export type TrackName = keyof typeof TRACKS;

const CAPABILITIES = {
  delivery: { agentMessages: ['webhook' as const], closure: ['webhook' as const] },
  append: { messages: 3, bytes: 64_000, fileBytes: 1_000_000 },
  appendReopens: false,
  rereadable: false,
};

export function settingsWith(change: Partial<HandoffSettings> = {}): HandoffSettings {
  return {
    platform: { history: true, representatives: true, textLimit: 4_096 },
    contactCenters: { desk: CAPABILITIES, other: { ...CAPABILITIES, appendReopens: true } },
    routing: [{ to: 'desk' }],
    texts: { defaultLanguage: 'en', languages: BUILT_IN_TEXTS },
    timers: { openWithin: 60_000, acceptWithin: 120_000, deliverWithin: 3_600_000, answerWithin: null },
    endKeywords: ['/end'],
    maxHistoryEvents: 1_500,
    ...change,
  };
}

/** What is to happen next. Events and commands that make no sense at their moment are dropped, as the workflow does. */
export type Move =
  | { kind: 'event'; event: HandoffEvent }
  /** The call under way in this track ends so; where none is under way the next one is made first. */
  | { kind: 'call'; track: TrackName; end: End }
  /** Time passes until the next deadline. */
  | { kind: 'deadline' }
  | { kind: 'new-run' }
  | { kind: 'close' }
  | { kind: 'transfer'; to: string; queue: string }
  | { kind: 'retry' };

/** A move that is an event. */
export type Happening = Extract<Move, { kind: 'event' }>;

export class Simulation {
  readonly world = new World();
  readonly input: HandoffInput;
  state: HandoffState;
  now = Date.parse('2026-01-01T00:00:00.000Z');
  /** Calls that are under way, by track. */
  private readonly underWay = new Map<TrackName, { call: Call; since: string }>();
  readonly calls: Call[] = [];

  constructor(
    readonly settings = settingsWith(),
    seenBefore: string[] = [],
  ) {
    this.input = { ...REF, nonce: NONCE, call: {}, settings, seenBefore };
    this.state = initialState(this.input, this.time());
  }

  context(): TrackContext {
    const underWay = () => [...this.underWay.values()].map(({ call }) => call);
    const { input, settings } = this;
    const { seenBefore } = input;
    return { input, settings, seenBefore, handoffId: handoffId(REF), now: this.time(), underWay };
  }

  private time(): string {
    return new Date(this.now).toISOString();
  }

  private change(name: string, by: (state: HandoffState) => HandoffState): void {
    const before = JSON.stringify(this.state);
    const next = by(this.state);
    if (JSON.stringify(this.state) !== before) throw new Error(`${name} changed its input`);
    this.state = next;
    this.now += 1;
    this.cutUnwanted();
  }

  apply(what: Occurrence): void {
    this.change(what.type, (state) => reduce(state, what, this.context()));
  }

  play(moves: Move[]): this {
    for (const move of moves) this.make(move);
    return this;
  }

  make(move: Move): void {
    switch (move.kind) {
      case 'event':
        return this.apply(move.event);
      case 'call':
        return this.endCall(move.track, move.end);
      case 'deadline': {
        const next = earliest(this.state, this.settings);
        if (!next) return;
        this.now = Math.max(this.now, next.at);
        return this.apply(next.occurrence);
      }
      case 'new-run':
        return this.newRun();
      case 'close':
        if (!ending(this.state)) this.apply({ type: 'end', outcome: 'cancelled' });
        return;
      case 'transfer':
        return this.transfer(move.to, move.queue);
      case 'retry': {
        const entry = this.state.undeliverable[0];
        if (entry && !ending(this.state)) {
          this.apply({ type: 'retry', messageId: entry.item.message.id, direction: entry.direction });
        }
      }
    }
  }

  private transfer(to: string, queue: string): void {
    const isPossible = this.state.phase.name === 'active' && !openingCase(this.state) && this.state.cases.length < 99;
    const current = currentCase(this.state);
    if (!isPossible || (current?.contactCenter === to && current.queue === queue)) return;
    this.apply({ type: 'transfer', to, queue });
  }

  /** Starts what a track wants next, if it is free. Answers whether a call is under way. */
  start(name: TrackName): boolean {
    const track: Track = TRACKS[name];
    if (this.underWay.has(name)) return true;
    for (let i = 0; track.advance(this.state, this.context()) !== this.state; i++) {
      if (i > 2_000) throw new Error(`${track.name} advances without end`);
      this.change(track.name, (state) => track.advance(state, this.context()));
    }
    const call = track.next(this.state, this.context());
    if (!call) return false;
    // A request is a payload: what JSON does not carry does not arrive.
    this.underWay.set(name, { call: JSON.parse(JSON.stringify(call)) as Call, since: this.time() });
    this.calls.push(call);
    return true;
  }

  private advanceOnce(name: TrackName): boolean {
    const track: Track = TRACKS[name];
    if (this.underWay.has(name) || track.advance(this.state, this.context()) === this.state) return false;
    this.change(name, (state) => track.advance(state, this.context()));
    return true;
  }

  /** Lets everything get through, until closing has come to this step: nothing of it is done yet. */
  closeUntil(step: ClosingStep): this {
    const names: TrackName[] = ['lifecycle', 'toEndUser', 'toAgent', 'toEarlierCases'];
    const isThere = () => this.state.phase.name === 'closing' && this.state.phase.step === step;
    for (let i = 0; i < 500 && !isThere(); i++) {
      if (names.some((name) => this.advanceOnce(name))) continue;
      const busy = names.find((name) => this.start(name));
      if (busy) this.endCall(busy, 'done');
    }
    if (!isThere()) throw new Error(`closing does not come to ${step}: ${JSON.stringify(this.state.phase)}`);
    return this;
  }

  endCall(name: TrackName, end: End): void {
    this.finish(name, (call, since) => this.world.perform(call, end, since));
  }

  private finish(name: TrackName, resultOf: (call: Call, since: string) => Result): void {
    if (!this.start(name)) return;
    const { call, since } = this.underWay.get(name)!;
    this.underWay.delete(name);
    const result = resultOf(call, since);
    this.change(call.activity, (state) => TRACKS[name].settle(state, result, this.context()));
  }

  /** The next call of this track gets this answer, whatever the vendors' model holds. */
  answer<N extends ActivityName>(name: TrackName, activity: N, answer: AnswerOf<N>): this {
    this.finish(name, (call) => {
      if (call.activity !== activity) throw new Error(`the next call is ${call.activity}, not ${activity}`);
      return { call, ok: true, answer } as unknown as Result;
    });
    return this;
  }

  /** The next call of this track fails so, and had no effect but this progress. */
  fail(name: TrackName, failure: string, progress: unknown[] = []): this {
    this.finish(name, (call, since) => ({ call, ok: false, failure, progress, since }) as unknown as Result);
    return this;
  }

  /** Gathered, routed and opened. */
  open(): this {
    this.endCall('lifecycle', 'done');
    this.endCall('lifecycle', 'done');
    return this;
  }

  /** The requests of one kind of call so far. */
  requests<N extends ActivityName>(activity: N): RequestOf<N>[] {
    return this.calls.flatMap((call) => (call.activity === activity ? [call.request as unknown as RequestOf<N>] : []));
  }

  /** What reached the end user, in order. */
  heard(): string[] {
    return this.world.toEndUser.map((line) => line.replace(/^BOT: say\/(.*)-\d+$/, 'BOT $1'));
  }

  /** What became of each message: `inbound 42 delivered`. */
  statuses(): string[] {
    return this.state.messages.map(({ direction, id, deliveryStatus, reason }) =>
      [direction, id, deliveryStatus, reason].filter(Boolean).join(' '),
    );
  }

  /** What a close has made pointless is cut short; whether it had its effect by then nobody can tell. */
  private cutUnwanted(): void {
    for (const [name, { call }] of this.underWay) {
      const track: Track = TRACKS[name];
      if (track.isWanted && !track.isWanted(call, this.state, this.context())) this.endCall(name, 'interrupted-after');
    }
  }

  private newRun(): void {
    for (const name of [...this.underWay.keys()]) this.endCall(name, 'interrupted-after');
    this.state = JSON.parse(JSON.stringify(this.state)) as HandoffState;
  }

  /** Lets everything get through. Bounded: a track that does not come to rest is a loop, and a failure of the test. */
  settle(): this {
    for (let i = 0; i < 5_000; i++) {
      const before = this.state;
      const busy = (Object.keys(TRACKS) as TrackName[]).filter((name) => this.start(name));
      if (busy.length > 0) busy.forEach((name) => this.endCall(name, 'done'));
      else if (this.state !== before) continue;
      else if ((this.state.held || this.state.phase.name === 'closing') && earliest(this.state, this.settings))
        this.make({ kind: 'deadline' });
      else return this;
    }
    throw new Error(`the tracks do not come to rest in ${JSON.stringify(this.state.phase)}`);
  }

  /** An agent closes the current case. */
  resolve(id = 'resolved'): this {
    const current = currentCase(this.state);
    if (!current) return this;
    this.world.close(current.key);
    const { key: caseKey, contactCenter } = current;
    this.apply({ type: 'case-closed', caseKey, contactCenter, id, at: this.time() });
    return this;
  }
}

export const AT = '2026-01-01T00:00:00.000Z';
export const ANA = { id: 'ana', name: 'Ana' };
export const MARKO = { id: 'marko', name: 'Marko' };

export function inbound(id: string, text = `in ${id}`): Move {
  return { kind: 'event', event: { type: 'inbound', message: { id, at: AT, content: { kind: 'text', text } } } };
}

export function agentSays(id: string, agent = ANA, text = `out ${id}`, caseKey = KEY): Happening {
  const message = { id, at: AT, agent, content: { kind: 'text' as const, text } };
  const contactCenter = caseKey.endsWith('.1') ? 'desk' : 'other';
  return { kind: 'event', event: { type: 'agent-message', caseKey, contactCenter, message } };
}

export function happens(
  type: 'case-closed' | 'case-reopened' | 'transferred',
  id = type as string,
  caseKey = KEY,
): Move {
  const contactCenter = caseKey.endsWith('.1') ? 'desk' : 'other';
  return { kind: 'event', event: { type, caseKey, contactCenter, id, at: AT } };
}
