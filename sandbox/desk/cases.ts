import { randomUUID } from 'node:crypto';
import { Files } from './files';
import type { CloseReason, CustomerMessage, DeskAgent, DeskContent, Opening } from './schemas';

export interface DeskCase extends Opening {
  id: string;
  url?: string;
  status: 'open' | 'closed';
  openedAt: string;
  /** Set while it is closed. */
  closed?: Closed;
  /** Who has joined and not left. */
  agents: DeskAgent[];
  /** Both sides in the order in which the agent sees them; never cut, so that tests can rely on it. */
  messages: DeskMessage[];
  notes: DeskNote[];
  /** When the end user was last seen to type, to read and to write. */
  endUser: { typingAt?: string; readAt?: string; wroteAt?: string };
}

export interface Closed {
  at: string;
  /** Absent where an agent has closed it. */
  reason?: CloseReason;
}

export type DeskMessage =
  | ({ from: 'end-user' } & CustomerMessage)
  | { from: 'agent'; id: string; at: string; agent: DeskAgent; content: DeskContent };

export interface DeskNote {
  id: string;
  at: string;
  /** Absent where the service wrote it. */
  agent?: DeskAgent;
  text: string;
}

/** One of the contract's events. */
export type DeskEvent = { id: string; at: string; caseKey: string; type: string } & Record<string, unknown>;

/** What the desk does with a closed case when a message comes for it; the contract asks for `never`. */
export type ReopenOnAppend = 'never' | 'silently' | 'by-api';

const PAGE = 100;
const KEPT_EVENTS = 100_000;

interface CasesOptions {
  now: () => Date;
  baseUrl?: string;
  onEvent: (event: DeskEvent) => void;
  /** One word for what has changed in a case, with ids and sizes alone. */
  onChange: (kind: string, details: Record<string, unknown>) => void;
}

/** The desk's memory: cases, and the feed of what happened to them. */
export class Cases {
  available = true;
  reopenOnAppend: ReopenOnAppend = 'never';
  readonly files = new Files();
  private readonly byId = new Map<string, DeskCase>();
  private readonly byCaseKey = new Map<string, DeskCase>();
  private feed: { seq: number; event: DeskEvent }[] = [];
  /** Begins with the time, so that a desk that starts again, with nothing in memory, counts on from where it was. */
  private seq: number;

  constructor(private readonly options: CasesOptions) {
    this.seq = options.now().getTime();
  }

  list(): DeskCase[] {
    return [...this.byId.values()];
  }

  get(id: string): DeskCase | undefined {
    return this.byId.get(id);
  }

  byKey(key: string): DeskCase | undefined {
    return this.byCaseKey.get(key);
  }

  open(opening: Opening): DeskCase {
    const id = randomUUID().slice(0, 8);
    const { baseUrl } = this.options;
    const opened: DeskCase = {
      ...opening,
      id,
      url: baseUrl && `${baseUrl}/sandbox/cases/${id}`,
      status: 'open',
      openedAt: this.time(),
      agents: [],
      messages: [],
      notes: [],
      endUser: {},
    };
    this.byId.set(id, opened);
    this.byCaseKey.set(opening.key, opened);
    this.changed(opened, 'opened', { transcript: opening.transcript.entries.length });
    return opened;
  }

  /** The end user's messages, but for those that the case has already. */
  append(one: DeskCase, messages: CustomerMessage[]): void {
    const added = messages.filter(({ id }) => !hasMessage(one, id));
    added.forEach((message) => this.show(one, { from: 'end-user', ...message }));
    if (added.length > 0) one.endUser = { ...one.endUser, typingAt: undefined, wroteAt: this.time() };
    if (one.status === 'open' || added.length === 0 || this.reopenOnAppend === 'never') return;
    this.setStatus(one, 'open');
    if (this.reopenOnAppend === 'by-api') this.emit(one, 'case.reopened', { by: 'api' });
  }

  /** Puts a message where the agent sees it, after all that came before. */
  show(one: DeskCase, message: DeskMessage): void {
    one.messages.push(message);
    const { from, id, content } = message;
    const bytes = Buffer.byteLength(JSON.stringify(content));
    this.changed(one, 'message', { from, id, position: one.messages.length, bytes });
  }

  note(one: DeskCase, note: DeskNote): void {
    if (one.notes.some(({ id }) => id === note.id)) return;
    one.notes.push(note);
    this.changed(one, 'note', { id: note.id, bytes: Buffer.byteLength(note.text) });
  }

  /** @param reason set where the service closes it: agents' own closing has none */
  close(one: DeskCase, reason?: CloseReason): void {
    if (one.status === 'closed') return;
    one.closed = { at: this.time(), reason };
    this.setStatus(one, 'closed', { reason });
    this.emit(one, 'case.closed', reason === undefined ? {} : { by: 'api' });
  }

  reopen(one: DeskCase): void {
    if (one.status === 'open') return;
    this.setStatus(one, 'open');
    this.emit(one, 'case.reopened');
  }

  /** Tells the service what happened to a case, by webhook and in the feed. */
  emit({ key }: DeskCase, type: string, details: Record<string, unknown> = {}, id: string = randomUUID()): DeskEvent {
    return this.publish({ ...details, id, at: this.time(), caseKey: key, type });
  }

  /** Whatever it is: the desk need not keep the contract. */
  publish<E extends Record<string, unknown>>(event: E): E {
    this.feed.push({ seq: ++this.seq, event: event as unknown as DeskEvent });
    if (this.feed.length > KEPT_EVENTS) this.feed.shift();
    this.options.onEvent(event as unknown as DeskEvent);
    return event;
  }

  /** A page of the feed after the cursor; from now on where there is none. */
  eventsAfter(cursor: string | undefined, limit = PAGE): { events: DeskEvent[]; cursor: string; more: boolean } {
    const after = cursor === undefined ? this.seq : Number(cursor);
    const found = this.feed.filter(({ seq }) => seq > after);
    const page = found.slice(0, Math.min(limit, PAGE));
    return {
      events: page.map(({ event }) => event),
      cursor: String(page.at(-1)?.seq ?? after),
      more: found.length > page.length,
    };
  }

  clear(): void {
    this.available = true;
    this.reopenOnAppend = 'never';
    this.byId.clear();
    this.byCaseKey.clear();
    this.files.clear();
    this.feed = [];
  }

  time(): string {
    return this.options.now().toISOString();
  }

  private setStatus(one: DeskCase, status: DeskCase['status'], details: Record<string, unknown> = {}): void {
    one.status = status;
    if (status === 'open') one.closed = undefined;
    this.changed(one, status === 'open' ? 'reopened' : 'closed', details);
  }

  private changed({ id, key }: DeskCase, kind: string, details: Record<string, unknown>): void {
    this.options.onChange(kind, { case: id, caseKey: key, ...details });
  }
}

export function hasMessage({ messages }: DeskCase, id: string): boolean {
  return messages.some((message) => message.from === 'end-user' && message.id === id);
}
