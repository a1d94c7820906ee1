import type { ContactCenterCapabilities } from '../domain/capabilities';
import type { AgentPresence, ContactCenterEvent, EndUserPresence } from '../domain/events';
import type { CaseRef, Customer } from '../domain/handoff';
import type { MessageContent } from '../domain/message';
import type { Priority } from '../domain/routing';
import type { Transcript } from '../domain/transcript';
import type { FileContent, WebhookRequest } from './platform';

/** All that a new case starts with. */
export interface CaseOpening {
  /** The handoff's key, to be carried in a field of the vendor's that can be searched and comes back with events. */
  key: string;
  subject: string;
  queue?: string;
  language?: string;
  priority: Priority;
  summary?: string;
  customer: Customer & { /** Stable for the conversation: the vendor's external id of the customer. */ id: string };
  tags: string[];
  attributes: Record<string, string>;
  transcript: Transcript;
}

/** A message of the end user's, on its way into the case. */
export interface CaseMessage {
  /** The platform's message id: carried along, so that an attempt with unknown end can be read back. */
  id: string;
  at: string;
  /** The end user's name, where known. */
  author?: string;
  content: MessageContent;
  /** The file's bytes, where they could be fetched; else the content's URL has to do. */
  file?: FileContent;
}

/** What a poll found, oldest first, and where to go on. */
export interface PollResult {
  events: ContactCenterEvent[];
  cursor: string;
  /** Whether there was more than one page: the next poll need not wait. */
  more: boolean;
}

/** What a contact center's webhook brought. */
export interface ContactCenterWebhook {
  events: ContactCenterEvent[];
  presence: AgentPresence[];
  /** As in a platform's webhook. */
  ignored: string[];
}

/**
 * Where the agents are. Like a platform's connector it throws {@link VendorError} and keeps nothing that matters
 * after a restart.
 */
export interface ContactCenter {
  readonly capabilities: ContactCenterCapabilities;
  /** Whether agents are there for this queue; unknown counts as yes. */
  availability?(queue: string | undefined): Promise<'available' | 'unavailable' | 'unknown'>;
  /** Creates a case. Called only after `findCase` found none, unless creation is idempotent by the key. */
  openCase(opening: CaseOpening): Promise<CaseRef>;
  findCase(key: string): Promise<CaseRef | undefined>;
  /** Appends in order, all or nothing. Throws `case-closed` where the vendor takes nothing more. */
  append(ref: CaseRef, messages: CaseMessage[]): Promise<void>;
  /** Which of these messages the case already has; asked before any attempt but the first. */
  findAppended(ref: CaseRef, messageIds: string[]): Promise<string[]>;
  /** A line for agents alone. `noteId` is ours, the same at every attempt. */
  note(ref: CaseRef, noteId: string, text: string): Promise<void>;
  /** A case that is closed already is a success. */
  close(ref: CaseRef): Promise<void>;
  /** Throws {@link WebhookError} where the request is not believed or not understood. */
  parseWebhook?(request: WebhookRequest): Promise<ContactCenterWebhook>;
  /** Shows the agent that the end user types or has read; tried once, its failure is nobody's loss. */
  showPresence?(ref: CaseRef, presence: EndUserPresence): Promise<void>;
  /** Where a watch that starts now has to read on, so that nothing after this moment is missed. */
  startCursor?(): Promise<string>;
  /** What happened account-wide since the cursor, to any case that carries a key of ours. */
  poll?(cursor: string): Promise<PollResult>;
  /** The bytes of a file an agent sent. `file` is the connector's own word for it. */
  download?(file: string): Promise<FileContent>;
}
