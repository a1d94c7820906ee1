import type { z } from 'zod';
import type { Journal } from '../shared/journal';
import { ApiError } from './errors';
import type { BusinessMessagesFaults } from './faults';
import type { AgentMessage, Conversation, Representative } from './model';
import { eventSchema, idSchema, messageSchema, receiptSchema, surveySchema } from './schemas';
import type { Store } from './store';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What the business may do in its conversations. Beyond the published refusals it holds the business to the published
 * order, and writes down each breach: an agent joins, then speaks, then leaves.
 */
export class AgentApi {
  constructor(
    private readonly store: Store,
    private readonly journal: Journal,
    private readonly faults: BusinessMessagesFaults,
  ) {}

  createMessage(conversationId: string, body: unknown) {
    const conversation = this.find(conversationId);
    const { name: _output, ...message } = parse(messageSchema, body);
    const { representative: speaker, suggestions = [] } = message;
    this.checkNew(conversation, 'message', message.messageId);
    checkSuggestions(speaker, suggestions);
    this.faults.checkAvatar(speaker.avatarImage);
    if (speaker.representativeType === 'HUMAN') this.checkMaySpeak(conversation, speaker);
    const shown = shownOf(conversation, message);
    conversation.usedIds.add(`message ${message.messageId}`);
    this.store.add(conversation, { kind: 'agent-message', shown, ...message });
    return { ...message, name: nameOf(conversation, 'messages', message.messageId) };
  }

  createEvent(conversationId: string, id: unknown, body: unknown) {
    const conversation = this.find(conversationId);
    const eventId = parse(idSchema, id, 'eventId');
    const { eventType, representative: who } = parse(eventSchema, body);
    this.checkNew(conversation, 'event', eventId);
    this.faults.checkAvatar(who.avatarImage);
    if (eventType === 'REPRESENTATIVE_JOINED') this.join(conversation, who);
    if (eventType === 'REPRESENTATIVE_LEFT') this.leave(conversation, who);
    conversation.usedIds.add(`event ${eventId}`);
    this.store.add(conversation, { kind: 'event', eventId, eventType, representative: who });
    return { eventType, representative: who, name: nameOf(conversation, 'events', eventId) };
  }

  createSurvey(conversationId: string, id: unknown, body: unknown) {
    const conversation = this.find(conversationId);
    const surveyId = parse(idSchema, id, 'surveyId');
    parse(surveySchema, body ?? {});
    this.checkNew(conversation, 'survey', surveyId);
    const last = conversation.timeline.findLast(({ kind }) => kind === 'survey');
    if (last && this.store.now() - Date.parse(last.at) < DAY_MS) {
      throw new ApiError('RESOURCE_EXHAUSTED', 'A survey was sent less than 24 hours ago.');
    }
    conversation.usedIds.add(`survey ${surveyId}`);
    this.store.add(conversation, { kind: 'survey', surveyId });
    return { name: nameOf(conversation, 'surveys', surveyId) };
  }

  updateReceipt(conversationId: string, messageId: string, body: unknown) {
    const conversation = this.find(conversationId);
    const { receiptType } = parse(receiptSchema, body);
    const message = conversation.timeline.find(
      (entry) => entry.kind === 'end-user-message' && entry.messageId === messageId,
    );
    if (message?.kind !== 'end-user-message') throw new ApiError('NOT_FOUND', 'There is no such message.');
    message.readAt = new Date(this.store.now()).toISOString();
    return { receiptType, name: `${nameOf(conversation, 'messages', messageId)}/receipt` };
  }

  private find(conversationId: string): Conversation {
    const conversation = this.store.get(conversationId);
    if (!conversation) throw new ApiError('PERMISSION_DENIED', 'The caller does not have permission.');
    return conversation;
  }

  private checkNew({ usedIds }: Conversation, kind: string, id: string): void {
    if (usedIds.has(`${kind} ${id}`)) throw new ApiError('ALREADY_EXISTS', `This ${kind} exists already.`);
  }

  private checkMaySpeak(conversation: Conversation, speaker: Representative): void {
    const { human } = conversation;
    if (!human) this.breach(conversation, 'a HUMAN message came before its REPRESENTATIVE_JOINED event');
    else if (!isSame(human, speaker))
      this.breach(conversation, 'a HUMAN message came from an agent who has not joined');
  }

  private join(conversation: Conversation, who: Representative): void {
    if (who.representativeType !== 'HUMAN') this.breach(conversation, 'a BOT has joined, where only a HUMAN can');
    if (conversation.human) this.breach(conversation, 'an agent joined while another had not left');
    conversation.human = who;
  }

  private leave(conversation: Conversation, who: Representative): void {
    const { human } = conversation;
    if (!human || !isSame(human, who)) this.breach(conversation, 'an agent left who had not joined');
    conversation.human = undefined;
  }

  private breach({ conversationId }: Conversation, what: string): never {
    this.journal.append('breach', { conversationId, what });
    throw new ApiError('FAILED_PRECONDITION', what);
  }
}

function checkSuggestions({ representativeType }: Representative, suggestions: object[]): void {
  if (representativeType === 'HUMAN' && suggestions.some((suggestion) => 'liveAgentRequest' in suggestion)) {
    throw new ApiError('INVALID_ARGUMENT', 'A liveAgentRequest is a suggestion for a BOT to make.');
  }
}

function shownOf({ textOnly }: Conversation, { text, fallback }: Omit<AgentMessage, 'name'>): 'content' | 'fallback' {
  if (!textOnly || text !== undefined) return 'content';
  if (fallback) return 'fallback';
  throw new ApiError('FAILED_PRECONDITION', 'The device does not show this content, and there is no fallback.');
}

function isSame(one: Representative, other: Representative): boolean {
  return one.representativeType === other.representativeType && one.displayName === other.displayName;
}

function nameOf({ conversationId }: Conversation, collection: string, id: string): string {
  return `conversations/${conversationId}/${collection}/${id}`;
}

function parse<T>(schema: z.ZodType<T>, value: unknown, field = 'the body'): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const issues = error.issues.map(({ path, message }) => `${path.join('.') || field}: ${message}`);
  throw new ApiError('INVALID_ARGUMENT', issues.join('; '));
}
