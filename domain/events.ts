import type { HandoffCall } from './handoff';
import type { Agent, AgentMessage, InboundMessage } from './message';

/**
 * Everything that reaches a handoff from outside, in one union through one signal, so that arrival order is kept.
 * `id` is the vendor's id of the event: what was seen once is dropped when it comes again.
 */
export type HandoffEvent = PlatformEvent | OwnedCaseEvent | HandoffRequested;

export type PlatformEvent =
  | { type: 'inbound'; message: InboundMessage }
  /** A claim, which the handoff verifies before it believes it. */
  | { type: 'conversation-closed'; id: string; at: string };

/** `case-closed` and `case-reopened` are an agent's acts: what our own append caused is no event. */
export type ContactCenterEvent = { caseKey: string } & (
  | { type: 'agent-message'; message: AgentMessage }
  | { type: 'agent-joined'; id: string; at: string; agent: Agent }
  | { type: 'agent-left'; id: string; at: string; agent: Agent }
  | { type: 'transferred'; id: string; at: string }
  | { type: 'case-closed'; id: string; at: string }
  | { type: 'case-reopened'; id: string; at: string }
);

/** With the connection that it came by: an event counts only from the contact center that holds the case. */
export type OwnedCaseEvent = ContactCenterEvent & { contactCenter: string };

/** The bot asks for an agent while a handoff runs: where that one is closing, the next begins after it. */
export interface HandoffRequested {
  type: 'handoff-requested';
  id: string;
  /** For the case keys of the next handoff. */
  nonce: string;
  call: HandoffCall;
}

/** The id by which an event is known. Two sides may number alike, and so may a vendor's messages and its other events. */
export function eventKey(event: HandoffEvent | ContactCenterEvent): string {
  const side = 'caseKey' in event ? 'c' : event.type === 'handoff-requested' ? 'r' : 'p';
  return 'message' in event ? `${side}:${event.message.id}` : `${side}:${event.type}:${event.id}`;
}

/**
 * What a log says of events: their types and the ids of their messages, by which one message can be followed through
 * all processes. Never their contents.
 */
export function eventFields(events: HandoffEvent[]): { events: string[]; messageIds?: string[] } {
  const messageIds = events.flatMap((event) => ('message' in event ? [event.message.id] : []));
  return { events: [...new Set(events.map(({ type }) => type))], ...(messageIds.length > 0 && { messageIds }) };
}

/**
 * What passes by: someone types, someone has read. It is shown to the other side when that is free at this moment,
 * and is never part of a handoff's history, where it would cost as much as a message and be worth nothing later.
 */
export type EndUserPresence = { type: 'typing' } | { type: 'read' };

/** `messageId` is the platform's id of the end user's message that the agent has read. */
export type AgentPresence = { caseKey: string; agent: Agent } & (
  { type: 'typing' } | { type: 'read'; messageId: string }
);

/**
 * Whether something that came in by signal has the whole shape of an event. By hand and not by schema: this runs in
 * workflow code.
 */
export function isHandoffEvent(value: unknown): value is HandoffEvent {
  if (!isRecord(value)) return false;
  switch (value.type) {
    case 'inbound':
      return isMessage(value.message);
    case 'conversation-closed':
      return isMoment(value);
    case 'agent-message':
      return isOwned(value) && isMessage(value.message) && isAgent(value.message.agent);
    case 'agent-joined':
    case 'agent-left':
      return isOwned(value) && isMoment(value) && isAgent(value.agent);
    case 'transferred':
    case 'case-closed':
    case 'case-reopened':
      return isOwned(value) && isMoment(value);
    case 'handoff-requested':
      return isText(value.id) && isText(value.nonce) && isRecord(value.call);
    default:
      return false;
  }
}

type Fields = Record<string, unknown>;

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Longer ids have been replaced by a digest at the border. */
const MAX_ID = 300;

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID;
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 40 && !Number.isNaN(Date.parse(value));
}

function isMoment({ id, at }: Fields): boolean {
  return isText(id) && isTime(at);
}

function isOwned({ caseKey, contactCenter }: Fields): boolean {
  return isText(caseKey) && isText(contactCenter);
}

function isAgent(value: unknown): value is Agent {
  if (!isRecord(value) || !isText(value.name)) return false;
  const isShort = (field: unknown, max: number) =>
    field === undefined || (typeof field === 'string' && field.length <= max);
  return isShort(value.id, MAX_ID) && isShort(value.avatarUrl, 2_000);
}

function isMessage(value: unknown): value is Fields & { agent?: unknown } {
  if (!isRecord(value) || !isText(value.id) || !isTime(value.at) || !isContent(value.content)) return false;
  const hasAddress = value.replyTo === undefined || isRecord(value.replyTo);
  return hasAddress && isMaybeString(value.author);
}

function isMaybeString(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isContent(value: unknown): boolean {
  if (!isRecord(value)) return false;
  switch (value.kind) {
    case 'text':
      return typeof value.text === 'string';
    case 'other':
      return typeof value.text === 'string' && typeof value.type === 'string';
    case 'file':
      return isFile(value);
    case 'location':
      return typeof value.latitude === 'number' && typeof value.longitude === 'number';
    case 'omitted':
      return typeof value.bytes === 'number';
    default:
      return false;
  }
}

function isFile({ source, media, name, caption, mimeType }: Fields): boolean {
  const isSource = isRecord(source) && (typeof source.url === 'string' || typeof source.contactCenterFile === 'string');
  return isSource && typeof media === 'string' && [name, caption, mimeType].every(isMaybeString);
}
