import { randomUUID } from 'node:crypto';
import type { CustomerMessage, DeskAgent, DeskContent, Opening } from './schemas';

export interface DeskCase extends Opening {
  id: string;
  url?: string;
  status: 'open' | 'closed';
  openedAt: string;
  /** Who has joined and not left. */
  agents: DeskAgent[];
  /** Both sides, in the order in which they came. */
  messages: DeskMessage[];
  notes: DeskNote[];
  /** When the end user was last seen to type or to read. */
  endUser: { typingAt?: string; readAt?: string };
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

const PAGE = 100;
const KEPT_EVENTS = 10_000;

/** The desk's memory: cases, files, and the feed of what happened to them. */
export class Cases {
  available = true;
  private readonly byId = new Map<string, DeskCase>();
  private readonly files = new Map<string, { mimeType: string; bytes: Buffer }>();
  private feed: { seq: number; event: DeskEvent }[] = [];
  /** Begins with the time, so that a desk that starts again, with nothing in memory, counts on from where it was. */
  private seq: number;

  constructor(private readonly options: { now: () => Date; baseUrl?: string; onEvent: (event: DeskEvent) => void }) {
    this.seq = options.now().getTime();
  }

  list(): DeskCase[] {
    return [...this.byId.values()];
  }

  get(id: string): DeskCase | undefined {
    return this.byId.get(id);
  }

  byKey(key: string): DeskCase | undefined {
    return this.list().find((one) => one.key === key);
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
    return opened;
  }

  /** Tells the service what happened to a case, by webhook and in the feed. */
  emit({ key }: DeskCase, type: string, details: Record<string, unknown> = {}, id: string = randomUUID()): DeskEvent {
    const event = { ...details, id, at: this.time(), caseKey: key, type };
    this.feed.push({ seq: ++this.seq, event });
    if (this.feed.length > KEPT_EVENTS) this.feed.shift();
    this.options.onEvent(event);
    return event;
  }

  /** A page of the feed after the cursor; from now on where there is none. */
  eventsAfter(cursor: string | undefined): { events: DeskEvent[]; cursor: string; more: boolean } {
    const after = cursor === undefined ? this.seq : Number(cursor);
    const found = this.feed.filter(({ seq }) => seq > after);
    const page = found.slice(0, PAGE);
    return {
      events: page.map(({ event }) => event),
      cursor: String(page.at(-1)?.seq ?? after),
      more: found.length > page.length,
    };
  }

  close(one: DeskCase): void {
    if (one.status === 'closed') return;
    one.status = 'closed';
    this.emit(one, 'case.closed');
  }

  keepFile(mimeType: string, base64: string): string {
    const id = randomUUID();
    this.files.set(id, { mimeType, bytes: Buffer.from(base64, 'base64') });
    return id;
  }

  file(id: string): { mimeType: string; bytes: Buffer } | undefined {
    return this.files.get(id);
  }

  clear(): void {
    this.available = true;
    this.byId.clear();
    this.files.clear();
    this.feed = [];
  }

  time(): string {
    return this.options.now().toISOString();
  }
}
