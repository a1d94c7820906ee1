import { randomUUID } from 'node:crypto';
import {
  DEFAULT_FIELDS,
  SYSTEM,
  type Agent,
  type Conversation,
  type ConversationFields,
  type Customer,
  type Invoker,
  type Message,
  type PlatformEvent,
  type Tag,
} from './model';

/** The agents the account knows, for assignments and `x-agent-id`. */
export const AGENTS: readonly Agent[] = [
  { id: 'C85602A8D75E4B0A9D2A26F43AD8B5AB', displayName: 'Ana', role: 'AGENT' },
  { id: '5D1B6C7A3A0E4F6E8F7B0D3C2A19E845', displayName: 'Marko', role: 'SUPERVISOR' },
];

type NewMessage = Pick<Message, 'channel' | 'from' | 'to' | 'direction' | 'contentType' | 'content'> &
  Partial<Pick<Message, 'authorId' | 'authorType' | 'createdAt'>>;

/** All conversations and tags of the account. What happens to them goes to `announce`. */
export class Store {
  readonly conversations = new Map<string, Conversation>();
  readonly tags = new Map<string, Tag>();

  constructor(
    private readonly now: () => number,
    private readonly announce: (event: PlatformEvent) => void,
  ) {}

  create(fields: Partial<ConversationFields>, customer?: Customer): Conversation {
    const at = this.now();
    const conversation: Conversation = {
      ...DEFAULT_FIELDS,
      ...fields,
      id: randomUUID(),
      shortId: String(this.conversations.size + 1),
      createdAt: at,
      updatedAt: at,
      customer,
      messages: [],
      tags: new Set(),
      metadata: {},
      notes: [],
      bot: 'listening',
      typing: false,
    };
    this.conversations.set(conversation.id, conversation);
    this.announce({ type: 'created', conversation, invoker: SYSTEM, at });
    return conversation;
  }

  /** The conversation an end user's next message belongs to. */
  openConversationOf(address: string): Conversation | undefined {
    return [...this.conversations.values()].findLast(
      ({ customer, status }) => customer?.address === address && status !== 'CLOSED',
    );
  }

  /** Whether this is still a conversation of the account, and not one from before a reset. */
  holds(conversation: Conversation): boolean {
    return this.conversations.get(conversation.id) === conversation;
  }

  /** Sets fields, and announces a new status or assignee. Closing a conversation ends the bot's pause. */
  change(conversation: Conversation, fields: Partial<ConversationFields>, invoker: Invoker = SYSTEM): void {
    const at = this.now();
    const { status, agentId } = conversation;
    Object.assign(conversation, fields, { updatedAt: at });
    if (conversation.status === 'CLOSED') {
      conversation.closedAt = at;
      conversation.bot = 'listening';
    }
    if (conversation.status !== status) this.announce({ type: 'status-updated', conversation, invoker, at });
    if (conversation.agentId !== agentId) this.announce({ type: 'assignment-updated', conversation, invoker, at });
  }

  /** Adds to the conversation's past and announces nothing. */
  record(conversation: Conversation, message: NewMessage): Message {
    const createdAt = message.createdAt ?? this.now();
    const { id: conversationId } = conversation;
    const recorded: Message = { id: randomUUID(), conversationId, ...message, createdAt, updatedAt: createdAt };
    conversation.messages.push(recorded);
    return recorded;
  }

  /**
   * Adds a message and announces it. It leaves the conversation's `updatedAt` alone: whether the real one moves it is
   * not published, so nobody may build on it.
   */
  append(conversation: Conversation, message: NewMessage, invoker: Invoker = SYSTEM): Message {
    const appended = this.record(conversation, message);
    if (message.direction === 'OUTBOUND') conversation.typing = false;
    this.announce({ type: 'message', conversation, message: appended, invoker, at: appended.createdAt });
    return appended;
  }

  createTag(name: string): Tag {
    const at = this.now();
    const tag: Tag = { id: randomUUID(), name, createdAt: at, updatedAt: at };
    this.tags.set(name, tag);
    return tag;
  }

  /** Takes the tag from every conversation too. */
  deleteTag(name: string): void {
    this.tags.delete(name);
    for (const { tags } of this.conversations.values()) tags.delete(name);
  }

  clear(): void {
    this.conversations.clear();
    this.tags.clear();
  }
}
