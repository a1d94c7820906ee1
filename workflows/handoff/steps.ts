import type { ContactCenterCapabilities } from '../../domain/capabilities';
import type { HandoffSettings } from '../../domain/handoff';
import {
  contentAsText,
  sameAgent,
  splitText,
  type Agent,
  type InboundMessage,
  type MessageContent,
  type Representative,
} from '../../domain/message';
import { textFor } from '../../domain/texts';
import type { HandoffState, OutboundItem } from './state';

type MessageItem = Extract<OutboundItem, { kind: 'message' }>;

/**
 * What has to be done next follows from the state alone. So a crash, a retry or a continue-as-new between two steps
 * can neither skip one nor change their order: a human message never goes out before its agent has joined.
 */
export type InboundStep =
  | { kind: 'append'; messages: InboundMessage[]; again: boolean }
  | { kind: 'note'; noteId: string; text: string; forMessage: boolean }
  /** There will be no case: what waits is given up. */
  | { kind: 'refuse' };

export type OutboundStep =
  | { kind: 'send'; representative: Representative; messages: OwnMessage[]; triedSince?: string }
  | { kind: 'announce'; change: 'joined' | 'left'; agent: Agent; by: Announcement; triedSince?: string }
  | { kind: 'say'; messageId: string; template: string; triedSince?: string }
  /** There is nothing to do for the item at the head: it only has to go. */
  | { kind: 'skip' }
  /** Nobody can be reached any more: what waits has to be told to its sender. */
  | { kind: 'refuse' };

/** A message, or a part of one, under the id it has at every attempt. */
export interface OwnMessage {
  messageId: string;
  content: MessageContent;
}

/** How the end user learns who speaks: the platform shows it, a text says it, or nothing does. */
export type Announcement = { eventId: string } | { messageId: string; template: string } | 'silent';

export function nextInbound(state: HandoffState, settings: HandoffSettings): InboundStep | undefined {
  const head = state.inbound[0];
  if (!head) return undefined;
  if (!state.case || !state.route) return state.closing ? { kind: 'refuse' } : undefined;
  if (head.kind === 'note') {
    return { kind: 'note', noteId: `${state.key}/note/${head.id}`, text: head.text, forMessage: false };
  }
  const capabilities = settings.contactCenters[state.route.contactCenter]!;
  if (state.caseOver && capabilities.afterClose === 'note') {
    const { message } = head;
    const text = `The customer wrote after this was closed: ${contentAsText(message.content)}`;
    return { kind: 'note', noteId: `${state.key}/late/${message.id}`, text, forMessage: true };
  }
  return { kind: 'append', messages: together(state, capabilities), again: head.triedSince !== undefined };
}

/** The messages at the head of the lane that may travel in one append: some vendors count updates per case. */
function together(state: HandoffState, capabilities: ContactCenterCapabilities): InboundMessage[] {
  const most = state.alone > 0 ? 1 : capabilities.appendBatch;
  const batch: InboundMessage[] = [];
  let bytes = 0;
  for (const item of state.inbound.slice(0, most)) {
    if (item.kind !== 'message') break;
    bytes += utf8Bytes(contentAsText(item.message.content)) + BYTES_AROUND_A_MESSAGE;
    if (batch.length > 0 && (bytes > capabilities.maxAppendBytes || item.triedSince)) break;
    batch.push(item.message);
  }
  return batch;
}

/** What a vendor's format may add to each message: author, time, our id. */
const BYTES_AROUND_A_MESSAGE = 200;

/** At most three bytes stand for one UTF-16 code unit; exact counting is not worth its time here. */
function utf8Bytes(text: string): number {
  return text.length * 3;
}

export function nextOutbound(state: HandoffState, settings: HandoffSettings): OutboundStep | undefined {
  const head = state.outbound[0];
  if (!head) return undefined;
  if (state.conversationOver) return head.kind === 'message' ? { kind: 'refuse' } : { kind: 'skip' };
  switch (head.kind) {
    case 'notice': {
      const template = textFor(settings.texts, head.text, state.route?.language);
      const messageId = `${state.key}/say/${head.id}`;
      return template ? { kind: 'say', messageId, template, triedSince: head.triedSince } : { kind: 'skip' };
    }
    case 'left':
      return isSpeaking(state, head.agent) ? announce('left', head.agent, state, settings) : { kind: 'skip' };
    case 'joined':
      return toMakeSpeak(head.agent, state, settings) ?? { kind: 'skip' };
    case 'message':
      return toMakeSpeak(head.message.agent, state, settings) ?? send(head, state, settings);
  }
}

/** So many messages go out in one step at most: each step costs the engine more than each message costs the platform. */
const SEND_BATCH = 10;

/** What waits at the head of the lane from one agent, in order. */
function send(head: MessageItem, { key, outbound }: HandoffState, { platform }: HandoffSettings): OutboundStep {
  const { agent } = head.message;
  const messages: OwnMessage[] = [];
  for (const item of outbound) {
    const joins =
      item.kind === 'message' && sameAgent(item.message.agent, agent) && (item === head || !item.triedSince);
    if (!joins || messages.length >= SEND_BATCH) break;
    const parts = partsOf(item.message.content, platform.textLimit);
    const id = `${key}/out/${item.message.id}`;
    const all = parts.map((content, i) => ({ messageId: parts.length > 1 ? `${id}/${i + 1}` : id, content }));
    messages.push(...all.slice(item.partsSent));
  }
  return {
    kind: 'send',
    representative: { type: 'HUMAN', agent },
    messages: messages.slice(0, SEND_BATCH),
    triedSince: head.triedSince,
  };
}

/** The announcement that is still missing before this agent may speak, one at a time: the other leaves first. */
function toMakeSpeak(agent: Agent, state: HandoffState, settings: HandoffSettings): OutboundStep | undefined {
  if (isSpeaking(state, agent)) return undefined;
  const { representative } = state;
  if (representative.type === 'HUMAN') return announce('left', representative.agent, state, settings);
  return announce('joined', agent, state, settings);
}

function announce(
  change: 'joined' | 'left',
  agent: Agent,
  state: HandoffState,
  { platform, texts }: HandoffSettings,
): OutboundStep {
  const id = `${state.key}/${change}/${state.ownActs}`;
  const { triedSince } = state.outbound[0]!;
  if (platform.representatives) return { kind: 'announce', change, agent, by: { eventId: id }, triedSince };
  const template = textFor(texts, change === 'joined' ? 'agentJoined' : 'agentLeft', state.route?.language);
  return { kind: 'announce', change, agent, by: template ? { messageId: id, template } : 'silent', triedSince };
}

function isSpeaking({ representative }: HandoffState, agent: Agent): boolean {
  return representative.type === 'HUMAN' && sameAgent(representative.agent, agent);
}

/** A text too long for the platform, in parts; anything else is one part. */
export function partsOf(content: MessageContent, limit: number): MessageContent[] {
  if (content.kind !== 'text' && content.kind !== 'other') return [content];
  return splitText(content.text, limit).map((text) => ({ kind: 'text', text }));
}
