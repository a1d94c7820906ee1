import type { Agent, AgentMessage, InboundMessage } from './message';

/**
 * Everything that reaches a handoff from outside, in one union through one signal, so that arrival order is kept.
 * `id` is the vendor's id of the event: what was seen once is dropped when it comes again.
 */
export type HandoffEvent = PlatformEvent | ContactCenterEvent;

export type PlatformEvent =
  { type: 'inbound'; message: InboundMessage } | { type: 'conversation-closed'; id: string; at: string };

/**
 * `caseKey` names the case. `case-closed` and `case-reopened` are an agent's acts: what our own append caused is none.
 */
export type ContactCenterEvent = { caseKey: string } & (
  | { type: 'agent-message'; message: AgentMessage }
  | { type: 'agent-joined'; id: string; at: string; agent: Agent }
  | { type: 'agent-left'; id: string; at: string; agent: Agent }
  | { type: 'transferred'; id: string; at: string }
  | { type: 'case-closed'; id: string; at: string }
  | { type: 'case-reopened'; id: string; at: string }
);

/** The id by which an event is known. Two sides may number alike, and so may a vendor's messages and its other events. */
export function eventKey(event: HandoffEvent): string {
  const side = 'caseKey' in event ? 'c' : 'p';
  return 'message' in event ? `${side}:${event.message.id}` : `${side}:${event.type}:${event.id}`;
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

const EVENT_TYPES: readonly string[] = [
  'inbound',
  'conversation-closed',
  'agent-message',
  'agent-joined',
  'agent-left',
  'transferred',
  'case-closed',
  'case-reopened',
] satisfies HandoffEvent['type'][];

/**
 * Whether something that came in by signal has an event's shape, as far as a handoff relies on it. By hand and not by
 * schema: this runs in workflow code.
 */
export function isHandoffEvent(value: unknown): value is HandoffEvent {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  const { type, message, id } = value as { type: unknown; message?: Record<string, unknown>; id?: unknown };
  if (typeof type !== 'string' || !EVENT_TYPES.includes(type)) return false;
  if (type !== 'inbound' && type !== 'agent-message') return typeof id === 'string';
  return (
    isMessage(message) && (type === 'inbound' || typeof (message.agent as Partial<Agent> | null)?.name === 'string')
  );
}

function isMessage(message: Record<string, unknown> | undefined): message is Record<string, unknown> {
  if (typeof message?.id !== 'string' || typeof message.at !== 'string') return false;
  const content = message.content as { kind?: unknown; text?: unknown } | null;
  const isText = content?.kind === 'text' || content?.kind === 'other';
  return (
    !Number.isNaN(Date.parse(message.at)) &&
    (isText ? typeof content.text === 'string' : typeof content?.kind === 'string')
  );
}
