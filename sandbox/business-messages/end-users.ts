import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AgentMessage, Conversation } from './model';
import type { Store } from './store';
import type { Webhooks } from './webhooks';

const AGENT = 'brands/1111/agents/2222';
const CUSTOM_AGENT_ID = 'live-agent-handoff';

const id = z.string().min(1).max(128);
const inConversation = { conversationId: id };

const newConversation = {
  name: z.string().min(1).default('Michael'),
  locale: z.string().min(2).default('en'),
  entryPoint: z.string().min(1).default('PLACESHEET'),
  /** Whether the device shows texts alone. */
  textOnly: z.boolean().default(false),
};
/** Where the end user writes from: the context of this message. */
const whereabouts = { placeId: z.string().min(1).optional(), nearPlaceId: z.string().min(1).optional() };
/** Without an id, or with one that is not known yet, a conversation begins. */
export const writeSchema = z.strictObject({
  conversationId: id.optional(),
  text: z.string().min(1),
  /** The platform answers the message itself, out of the business's list of questions. */
  faqAnswer: z.string().min(1).optional(),
  ...whereabouts,
  ...newConversation,
});
export const conversationSchema = z.strictObject(inConversation);
export const typingSchema = z.strictObject({ ...inConversation, isTyping: z.boolean().default(true) });
export const tapSchema = z.strictObject({ ...inConversation, text: z.string().min(1) });

/** What an end user wants to do cannot be done: there is no such conversation or suggestion. */
export class NothingThereError extends Error {
  override readonly name = 'NothingThereError';
}

/** All there is of a conversation, as the page and tests see it. */
export type ConversationView = ReturnType<typeof view>;

/** What end users do, of which webhooks tell the business. Throws {@link NothingThereError}. */
export class EndUsers {
  constructor(
    private readonly store: Store,
    private readonly webhooks: Webhooks,
  ) {}

  write(input: z.input<typeof writeSchema>): { conversationId: string; messageId: string } {
    const { conversationId = randomUUID(), text, faqAnswer, placeId, nearPlaceId, ...who } = writeSchema.parse(input);
    const conversation = this.store.get(conversationId) ?? this.begin(conversationId, who);
    const messageId = randomUUID();
    this.store.add(conversation, { kind: 'end-user-message', messageId, text });
    const message = { messageId, name: messageName(conversation, messageId), text, createTime: this.time() };
    const context = { ...conversation.context, placeId, nearPlaceId };
    this.tell(conversation, { message, context, ...(faqAnswer && { dialogflowResponse: faqOf(text, faqAnswer) }) });
    return { conversationId, messageId };
  }

  /** `isTyping` goes as a string, as in the published examples. */
  type(conversationId: string, isTyping = true): void {
    this.tell(this.find(conversationId), { userStatus: { isTyping: String(isTyping), createTime: this.time() } });
  }

  requestLiveAgent(conversationId: string): void {
    const conversation = this.find(conversationId);
    const userStatus = { requestedLiveAgent: true, createTime: this.time() };
    this.tell(conversation, { userStatus, context: conversation.context });
  }

  /** Taps a suggested reply. Suggestions are to be seen below the last message alone. */
  tap(conversationId: string, text: string): void {
    const conversation = this.find(conversationId);
    const last = conversation.timeline.findLast(({ kind }) => kind === 'agent-message' || kind === 'end-user-message');
    const offer = last?.kind === 'agent-message' ? last : undefined;
    const reply = offer?.suggestions?.find((suggestion) => suggestion.reply?.text === text)?.reply;
    if (!offer || !reply) throw new NothingThereError(`'${text}' is not suggested`);
    this.store.add(conversation, { kind: 'end-user-message', messageId: randomUUID(), text });
    const message = messageName(conversation, offer.messageId);
    const suggestionResponse = { message, ...reply, createTime: this.time(), type: 'REPLY' };
    this.tell(conversation, { suggestionResponse, context: conversation.context });
  }

  /** Sees all that the business has written. Webhooks of receipts carry neither request id nor context. */
  read(conversationId: string): void {
    const conversation = this.find(conversationId);
    const receipts = conversation.timeline
      .filter((entry): entry is typeof entry & AgentMessage => entry.kind === 'agent-message')
      .map(({ messageId }) => ({ message: messageName(conversation, messageId), receiptType: 'READ' }));
    this.tell(conversation, { requestId: undefined, receipts: { receipts, createTime: this.time() } });
  }

  /** Oldest first. */
  conversations(): ConversationView[] {
    return this.store.list().map(view);
  }

  conversation(conversationId: string): ConversationView {
    return view(this.find(conversationId));
  }

  private begin(
    conversationId: string,
    { name, locale, entryPoint, textOnly }: Pick<z.output<typeof writeSchema>, keyof typeof newConversation>,
  ): Conversation {
    const userInfo = { displayName: name, userDeviceLocale: locale };
    return this.store.create(conversationId, { entryPoint, userInfo, resolvedLocale: locale }, textOnly);
  }

  private find(conversationId: string): Conversation {
    const conversation = this.store.get(conversationId);
    if (!conversation) throw new NothingThereError(`there is no conversation '${conversationId}'`);
    return conversation;
  }

  private tell({ conversationId }: Conversation, what: Record<string, unknown>): void {
    const common = { agent: AGENT, conversationId, customAgentId: CUSTOM_AGENT_ID, requestId: randomUUID() };
    this.webhooks.push(conversationId, { ...common, ...what, sendTime: this.time() });
  }

  /** With nanoseconds, as Google writes times. */
  private time(): string {
    return new Date(this.store.now()).toISOString().replace('Z', '000000Z');
  }
}

function messageName({ conversationId }: Conversation, messageId: string): string {
  return `conversations/${conversationId}/messages/${messageId}`;
}

function faqOf(queryText: string, faqAnswer: string) {
  const answers = [{ faqAnswer, matchConfidenceLevel: 'HIGH', matchConfidence: 0.9 }];
  return { queryText, faqResponse: { answers }, autoResponded: true };
}

function view({ usedIds: _usedIds, human, ...conversation }: Conversation) {
  return { ...conversation, representative: human ?? { representativeType: 'BOT' as const } };
}
