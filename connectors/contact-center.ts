import type { ContactCenterCapabilities } from '../domain/capabilities';
import type { AgentPresence, ContactCenterEvent, EndUserPresence } from '../domain/events';
import type { CaseRef, CloseReason, Customer } from '../domain/handoff';
import type { AgentMessage, MessageContent } from '../domain/message';
import type { Priority } from '../domain/routing';
import type { Transcript } from '../domain/transcript';
import type { FileStream, StoredFile } from './shared/files';
import type { WebhookRequest } from './shared/webhook-request';

/** All that a new case starts with. */
export interface CaseOpening {
  /** The handoff's key, to be carried in a vendor's field that can be searched and comes back with events. */
  key: string;
  subject: string;
  queue?: string;
  language?: string;
  priority: Priority;
  summary?: string;
  /** `id` is stable for the conversation: the vendor's external id of the end user. */
  customer: Customer & { id: string };
  tags: string[];
  attributes: Record<string, string>;
  transcript: Transcript;
}

/** A message from the end user, on its way into the case. */
export interface CaseMessage {
  /** The platform's message id: carried along, so that an ambiguous attempt can be read back. */
  id: string;
  /** ISO 8601. */
  at: string;
  /** The end user's name, where known. */
  author?: string;
  content: MessageContent;
  /** The file itself, where it could be fetched; else the content's URL has to do. It is there until the call ends. */
  file?: StoredFile;
}

/** A case as the contact center itself reports it. */
export interface FoundCase {
  ref: CaseRef;
  status: 'open' | 'closed';
}

/** What a poll found, oldest first, and where to read on. */
export interface PollResult {
  events: ContactCenterEvent[];
  cursor: string;
  /** There was more than one page: the next poll need not wait. */
  more: boolean;
  /** Items set aside because they could not be read; each is tried again with a later poll, and counted. */
  unreadable?: number;
}

/** What a contact center's webhook brought. */
export interface ContactCenterWebhook {
  events: ContactCenterEvent[];
  presence: AgentPresence[];
  /** One word for each thing in it that is no event for us (`echo`, `unknown-type`), for the counters. */
  ignored: string[];
  /** The webhook says no more than that something happened: ask the feed at once. */
  pollNow?: boolean;
}

/**
 * Where the agents are. A connector makes one vendor's calls, throws {@link VendorError}, keeps nothing that matters
 * after a restart, and decides nothing. What it can do beyond the required calls is an optional feature object.
 */
export interface ContactCenter {
  readonly capabilities: ContactCenterCapabilities;
  /** `unavailable` only where the vendor says so for this queue; unknown counts as available. */
  availability?(queue: string | undefined): Promise<'available' | 'unavailable'>;
  /** Creates a case. Called only after `findCase` found none, unless creation is idempotent by the key. */
  openCase(opening: CaseOpening): Promise<CaseRef>;
  /**
   * The case that carries this key, as the contact center's own API reports it; undefined only where that API itself
   * answers that there is none. A proxy's error page is never `undefined`: it throws `unavailable`.
   */
  findCase(key: string): Promise<FoundCase | undefined>;
  /** Appends in order, all or nothing. Throws `case-closed` where the vendor takes nothing more. */
  append(ref: CaseRef, messages: CaseMessage[]): Promise<void>;
  /** Which of these messages the case already has, by their ids and never by their text. */
  findAppended(ref: CaseRef, messageIds: string[]): Promise<string[]>;
  /** A line for agents only. `noteId` is ours, the same at every attempt: a note that is there is not written again. */
  note(ref: CaseRef, noteId: string, text: string): Promise<void>;
  /** A case that is closed already is a success. */
  close(ref: CaseRef, reason: CloseReason): Promise<void>;
  readonly webhook?: {
    /** Throws {@link WebhookError} where the signature is invalid or the body malformed. */
    parse(request: WebhookRequest): Promise<ContactCenterWebhook>;
  };
  readonly poll?: {
    /** The cursor of a watch that starts now: nothing after this moment is missed. */
    start(): Promise<string>;
    /** What happened account-wide since the cursor, to any case that carries a key of ours. */
    read(cursor: string): Promise<PollResult>;
  };
  readonly presence?: {
    /** Shows the agent that the end user types or has read. Tried once. */
    show(ref: CaseRef, presence: EndUserPresence): Promise<void>;
  };
  readonly files?: {
    /** A file an agent sent. `file` is the connector's own name for it. Throws `not-found`. */
    open(file: string): Promise<FileStream>;
  };
  readonly agentMessages?: {
    /** Agents' messages of a case by their ids, for queues that keep no text. Those that are gone are left out. */
    read(ref: CaseRef, ids: string[]): Promise<AgentMessage[]>;
  };
  readonly openCases?: {
    /** Keys of all open cases that carry a handoff's key, for the janitor; at most `limit`. */
    list(limit: number): Promise<{ key: string; ref: CaseRef }[]>;
  };
}
