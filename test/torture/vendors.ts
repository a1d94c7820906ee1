import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createDesk, type Desk, type DeskCase } from '../../sandbox/desk';
import { createInfobipSimulator, type InfobipSimulator } from '../../sandbox/infobip';
import type { JournalEntry } from '../../sandbox/shared/journal';
import { conversationOf, deskCall, platformCall, type FaultInjector } from './fault-injector';
import type { DeskName } from './plan';
import { labelOf, readTag } from './texts';
import { Timelines } from './timelines';

export const DESK_NAMES: DeskName[] = ['support', 'backoffice'];

/** Short enough that a webhook whose API is being restarted comes again soon; then it is dropped. */
const RETRY_SCHEDULE_MS = [100, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000];
const UNLIMITED_READS = { getMessagesPerMinute: 1_000_000 };

export interface Secrets {
  botKey: string;
  operatorKey: string;
  infobip: string;
  webhook: string;
  desks: Record<DeskName, string>;
}

export function newSecrets(): Secrets {
  const signing = () => `whsec_${randomBytes(32).toString('base64')}`;
  return {
    botKey: randomUUID(),
    operatorKey: randomUUID(),
    infobip: randomUUID(),
    webhook: randomUUID(),
    desks: { support: signing(), backoffice: signing() },
  };
}

/** A file that somebody sends, by the path at which it is served. */
export interface SentFile {
  path: string;
  bytes: Buffer;
}

/** A conversation's case, as its contact center has it. */
export interface OwnCase {
  desk: DeskName;
  case: DeskCase;
}

/** The platform and the contact centers of a run, and all that they know of it. */
export class Vendors {
  readonly timelines = new Timelines();
  readonly infobip: InfobipSimulator;
  readonly desks: Record<DeskName, Desk>;
  readonly files = new Map<string, Buffer>();
  /** When each message reached the other side, epoch ms: an end user's by its id, an agent's by its label. */
  readonly arrivals = new Map<string, number>();
  /** Messages whose webhook was lost for good. */
  readonly unreported = new Set<string>();
  /** Conversations that the platform itself has called closed. */
  readonly closed = new Set<string>();
  /** Counts what moves: as long as it grows the run is not stuck. */
  progress = 0;
  private readonly server = createServer();
  private readonly casesOf = new Map<string, OwnCase[]>();

  constructor(
    private readonly secrets: Secrets,
    private readonly injector: FaultInjector,
    /** Where the service takes webhooks. */
    private readonly webhookUrl: string,
  ) {
    this.infobip = createInfobipSimulator({
      apiKey: secrets.infobip,
      retryScheduleMs: RETRY_SCHEDULE_MS,
      rateLimit: UNLIMITED_READS,
      onEntry: (entry) => this.notePlatform(entry),
    });
    this.infobip.faults.plan = injector.planFor('platform');
    this.desks = { support: this.createDesk('support'), backoffice: this.createDesk('backoffice') };
    this.server.on('request', this.app());
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.infobip.close();
    for (const desk of Object.values(this.desks)) desk.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Oldest first. */
  cases(conversationId: string): OwnCase[] {
    return this.casesOf.get(conversationId) ?? [];
  }

  private app() {
    const app = express();
    app.get('/platform/files/:name', (req, res) => {
      const bytes = this.files.get(req.params.name);
      const isAllowed = req.headers.authorization === `App ${this.secrets.infobip}`;
      if (bytes && isAllowed) res.type('application/octet-stream').send(bytes);
      else res.status(bytes ? 401 : 404).end();
    });
    app.use('/platform', this.infobip.router);
    for (const name of DESK_NAMES) app.use(`/${name}`, this.desks[name].router);
    return app;
  }

  private createDesk(name: DeskName): Desk {
    const desk = createDesk({
      secret: this.secrets.desks[name],
      webhookUrl: `${this.webhookUrl}/webhooks/main/${name}`,
      retryScheduleMs: RETRY_SCHEDULE_MS,
      onEntry: (entry) => this.noteDesk(name, entry),
    });
    desk.faults.plan = this.injector.planFor(name);
    return desk;
  }

  private notePlatform(entry: JournalEntry): void {
    if (entry.kind === 'webhook') {
      return this.notePlatformWebhook(entry);
    }
    const { method, path, status, answered } = entry as unknown as Record<string, string>;
    const { operation, id } = platformCall({ method: method!, path: path! });
    if (id === undefined) return;
    if (entry.kind === 'fault')
      return this.timelines.add(id, 'platform', entry, `fault ${String(entry.answer)} for ${operation}`);
    if (operation === 'send') this.noteSent(entry.response);
    if ((entry.response as { status?: string } | undefined)?.status === 'CLOSED') this.noteClosed(id);
    this.timelines.add(id, 'platform', entry, `${operation} ${answered ? status : 'without an answer'}`);
  }

  private notePlatformWebhook(entry: JournalEntry): void {
    const { dropped, attempt, status, body, conversationId, type } = entry as unknown as PlatformWebhookEntry;
    const isLost = dropped || (attempt === RETRY_SCHEDULE_MS.length + 1 && status !== 200);
    const { id } = body.payload.message ?? {};
    if (isLost && id !== undefined) this.unreported.add(id);
    this.timelines.add(conversationId, 'platform', entry, `webhook ${type} ${id ?? ''}${dropped ? ' is lost' : ''}`);
  }

  private noteDesk(desk: DeskName, entry: JournalEntry): void {
    const key = entry.caseKey as string | undefined;
    if (entry.kind === 'opened') this.addCase(desk, String(entry.case), key!);
    if (entry.kind === 'call') return this.noteDeskCall(desk, entry);
    const conversationId = key === undefined ? undefined : conversationOf(key);
    if (conversationId === undefined) return;
    if (entry.kind !== 'webhook') this.progress++;
    if (entry.outcome === 'withheld' || entry.outcome === 'undeliverable') this.unreported.add(String(entry.event));
    if (entry.kind === 'message' && entry.from === 'end-user') this.arrive(String(entry.id));
    const what = [entry.kind, entry.from, entry.type, entry.id, entry.outcome].filter(Boolean).join(' ');
    this.timelines.add(conversationId, desk, entry, what);
  }

  private noteDeskCall(desk: DeskName, entry: JournalEntry): void {
    const url = String(entry.path);
    const { operation, id } = deskCall({ method: String(entry.method), path: url.split('?')[0]!, url });
    const one = id === undefined ? undefined : this.desks[desk].case(id);
    const conversationId = conversationOf(one?.key ?? id ?? '');
    if (conversationId)
      this.timelines.add(
        conversationId,
        desk,
        entry,
        `${operation} ${typeof entry.status === 'number' ? entry.status : 'without an answer'}`,
      );
  }

  private addCase(desk: DeskName, id: string, key: string): void {
    const conversationId = conversationOf(key);
    if (conversationId === undefined) return;
    this.injector.addCase(id, conversationId);
    const opened = this.desks[desk].case(id)!;
    this.casesOf.set(conversationId, [...this.cases(conversationId), { desk, case: opened }]);
    for (const entry of opened.transcript.entries) if (entry.id !== undefined) this.arrive(entry.id);
  }

  /** What the platform has taken from the service, whether or not the service has learned it. */
  private noteSent(response: unknown): void {
    const { id, content } = (response ?? {}) as { id?: string; content?: { text?: string; caption?: string } };
    const tag = id === undefined ? undefined : readTag(content?.text ?? content?.caption ?? '');
    if (tag) this.arrive(labelOf(tag));
  }

  private noteClosed(conversationId: string): void {
    if (!this.closed.has(conversationId)) this.progress++;
    this.closed.add(conversationId);
  }

  private arrive(what: string): void {
    this.progress++;
    if (!this.arrivals.has(what)) this.arrivals.set(what, Date.now());
  }
}

interface PlatformWebhookEntry {
  dropped?: boolean;
  attempt?: number;
  status?: number;
  conversationId: string;
  type: string;
  body: { payload: { message?: { id: string } } };
}
