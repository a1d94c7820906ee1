import { randomBytes } from 'node:crypto';
import type { CaseMessage, CaseOpening, ContactCenter } from '../../../connectors/contact-center';
import type { ContactCenterEvent } from '../../../domain/events';
import type { CaseRef } from '../../../domain/handoff';
import { eventually } from '../../support/eventually';

/** A case as its agents see it. */
export interface AgentView {
  status: 'open' | 'closed';
  /** The conversation so far, a line for each entry as it is shown. */
  transcript: string[];
  /** What the end user has written since, in order. */
  messages: string[];
  /** What only agents see. */
  notes: string[];
}

/** What a vendor's test provides: connections, and the hands and eyes of an agent. */
export interface ContactCenterUnderTest {
  /** A new connection, as after a restart of the process. */
  connect(): ContactCenter;
  agent: {
    view(ref: CaseRef): Promise<AgentView>;
    say(ref: CaseRef, text: string): Promise<void>;
    note(ref: CaseRef, text: string): Promise<void>;
    close(ref: CaseRef): Promise<void>;
    reopen(ref: CaseRef): Promise<void>;
  };
  /** How many cases carry this key. */
  countCases(key: string): Promise<number>;
  /** Agents are busy with a case that carries no key of ours. */
  foreignActivity(): Promise<void>;
  /** Puts something into the feed that cannot be read. */
  unreadableItem(ref: CaseRef): Promise<void>;
  /** Sets what goes wrong with the next call. */
  nextCall(fault: CallFault): Promise<void>;
  /** After each requirement: clears faults. Cases may stay. */
  reset?(): Promise<void> | void;
  stop(): Promise<void> | void;
}

export type CallFault =
  /** It takes effect, and its answer never comes. */
  | 'lost-answer'
  /** A proxy answers with its own page and 404. */
  | 'proxy-page'
  /** Refused without an effect. */
  | { status: 429 | 500 | 503; retryAfterSeconds?: number };

/** What the files of requirements are given. */
export interface Suite {
  underTest: () => ContactCenterUnderTest;
  requirement: (number: number, promise: string, check: () => Promise<void>) => void;
}

/** A key that no other test has. */
export function newKey(conversation = `c-${randomBytes(6).toString('hex')}`): string {
  return `handoff:main:${conversation}#${randomBytes(6).toString('hex')}.1`;
}

export function newOpening(more: Partial<CaseOpening> = {}): CaseOpening {
  const key = more.key ?? newKey();
  return {
    key,
    subject: 'Ivana Horvat: billing',
    priority: 'NORMAL',
    customer: { id: `conversation-${key.length}`, name: 'Ivana Horvat' },
    tags: [],
    attributes: {},
    transcript: { entries: [] },
    ...more,
  };
}

let minutes = 0;

export function newMessage(text: string, id = `m-${randomBytes(6).toString('hex')}`): CaseMessage {
  const at = new Date(Date.UTC(2026, 10, 21, 12, minutes++)).toISOString();
  return { id, at, author: 'Ivana Horvat', content: { kind: 'text', text } };
}

/** All that is in the feed after the cursor now. */
export async function drain(contactCenter: ContactCenter, cursor: string) {
  const events: ContactCenterEvent[] = [];
  let unreadable = 0;
  for (let more = true; more;) {
    const page = await contactCenter.poll!.read(cursor);
    events.push(...page.events);
    unreadable += page.unreadable ?? 0;
    ({ cursor, more } = page);
  }
  return { events, cursor, unreadable };
}

/** The events of one case, once there are so many of them. */
export async function eventsOf(contactCenter: ContactCenter, cursor: string, key: string, count: number) {
  return eventually(`the feed has ${count} events of the case`, async () => {
    const { events } = await drain(contactCenter, cursor);
    const own = events.filter(({ caseKey }) => caseKey === key);
    return own.length >= count ? own : undefined;
  });
}

export function textsIn(events: ContactCenterEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'agent-message' && event.message.content.kind === 'text' ? [event.message.content.text] : [],
  );
}
