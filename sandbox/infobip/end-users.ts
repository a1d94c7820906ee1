import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Bot } from './bot';
import { AUTHOR_TYPES, BOT_STATES, type Content, type Conversation, type Customer } from './model';
import { renderConversation, renderMessage, renderNote } from './render';
import type { Store } from './store';

const SENDER = 'sandbox-widget';
const PHONE_NUMBER = /^\+?\d{6,15}$/;

const said = {
  text: z.string().min(1).optional(),
  content: z.record(z.string(), z.unknown()).optional(),
  contentType: z.string().min(1).optional(),
};
type Said = { text?: string; content?: Content; contentType?: string };
const saysOneThing = ({ text, content, contentType }: Said) =>
  text === undefined ? content !== undefined && contentType !== undefined : content === undefined && !contentType;
const ONE_THING = { error: 'give either text, or content with contentType' };

const who = {
  /** The end user's address. */
  from: z.string().min(1).max(255).optional(),
  name: z.string().min(1).max(255).optional(),
};

/** What an end user writes. */
export const inboundSchema = z.strictObject({ ...who, ...said }).refine(saysOneThing, ONE_THING);

/** A conversation with a past. A message with no time was written a second before the next. */
export const historySchema = z.strictObject({
  ...who,
  messages: z
    .array(
      z
        .strictObject({
          ...said,
          authorType: z.enum(AUTHOR_TYPES).default('CUSTOMER'),
          createdAt: z.iso.datetime({ offset: true }).optional(),
        })
        .refine(saysOneThing, ONE_THING),
    )
    .default([]),
  tags: z.array(z.string().min(1).max(100)).default([]),
  metadata: z.record(z.string(), z.string()).default({}),
  bot: z.enum(BOT_STATES).default('listening'),
});

/** All there is of a conversation, as the page and tests see it. */
export type ConversationView = ReturnType<typeof view>;

/** The end users of the account: what they write, and what can be seen of their conversations. */
export class EndUsers {
  constructor(
    private readonly store: Store,
    private readonly bot: Bot,
    private readonly now: () => number,
  ) {}

  /** A message into the end user's open conversation, or a new one. The bot answers later. */
  receive({ from = 'CHAT-visitor', name, ...what }: z.input<typeof inboundSchema>) {
    const conversation = this.store.openConversationOf(from) ?? this.store.create({}, customerOf(from, name));
    const message = this.store.append(conversation, {
      channel: channelOf(from),
      from,
      to: SENDER,
      direction: 'INBOUND',
      authorId: from,
      authorType: 'CUSTOMER',
      ...contentOf(what),
    });
    void this.bot.receive(conversation, message);
    return { conversationId: conversation.id, messageId: message.id };
  }

  /** A conversation with a past, for which no webhook is sent and which the bot does not answer. */
  addConversation(history: z.input<typeof historySchema>): { conversationId: string } {
    const { from = `CHAT-${randomUUID()}`, name, messages, tags, metadata, bot } = historySchema.parse(history);
    const conversation = this.store.create({}, customerOf(from, name));
    const start = this.now() - messages.length * 1000;
    for (const [index, { authorType, createdAt, ...what }] of messages.entries()) {
      const inbound = authorType === 'CUSTOMER';
      this.store.record(conversation, {
        channel: channelOf(from),
        ...(inbound ? { from, to: SENDER, direction: 'INBOUND' } : { from: SENDER, to: from, direction: 'OUTBOUND' }),
        authorType,
        createdAt: createdAt === undefined ? start + index * 1000 : Date.parse(createdAt),
        ...contentOf(what),
      });
    }
    for (const tag of tags) {
      if (!this.store.tags.has(tag)) this.store.createTag(tag);
      conversation.tags.add(tag);
    }
    Object.assign(conversation, { metadata, bot });
    return { conversationId: conversation.id };
  }

  /** Oldest first. */
  conversations(): ConversationView[] {
    return [...this.store.conversations.values()].map(view);
  }

  conversation(id: string): ConversationView | undefined {
    const conversation = this.store.conversations.get(id);
    return conversation && view(conversation);
  }
}

function customerOf(address: string, name?: string): Customer {
  return { id: address, name, channel: channelOf(address), address, sender: SENDER };
}

/** A phone number writes by WhatsApp, all else through the widget of a web page. */
const channelOf = (address: string) => (PHONE_NUMBER.test(address) ? 'WHATSAPP' : 'LIVE_CHAT');

function contentOf({ text, content, contentType }: Said): { contentType: string; content: Content } {
  if (content && contentType) return { contentType, content };
  return { contentType: 'TEXT', content: { text } };
}

function view(conversation: Conversation) {
  const { customer, messages, tags, metadata, notes, bot, typing } = conversation;
  return {
    ...renderConversation(conversation),
    customer,
    messages: messages.map(renderMessage),
    tags: [...tags],
    metadata: { ...metadata },
    notes: notes.map(renderNote),
    bot,
    typing,
  };
}
