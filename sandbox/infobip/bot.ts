import type { Conversation, Message } from './model';
import type { Store } from './store';

/** How the bot hands over: it calls the handoff service, which may answer with a text for the end user. */
export interface HandoffCall {
  call(conversationId: string): Promise<{ reply?: string }>;
}

/** After so many messages in a row that it did not understand, the bot asks for help. */
const MISSES_ALLOWED = 1;

const ASKS_FOR_PERSON = /\b(agents?|humans?|persons?|people|someone|somebody|representative|operator)\b/i;

const SMALL_TALK: readonly [RegExp, string][] = [
  [/\b(hi|hello|hey|good (morning|afternoon|evening))\b/i, 'Hello! I am the shop’s bot. How can I help you?'],
  [/\b(orders?|parcel|delivery|package)\b/i, 'Your order left our warehouse yesterday and should arrive tomorrow.'],
  [/\b(open|opening|hours)\b/i, 'We are open from Monday to Saturday, 9 am to 8 pm.'],
  [/\b(bill|billing|invoice|refund|money)\b/i, 'Invoices are in your account under “Payments”. Does that help?'],
  [/\b(thanks?|thank you)\b/i, 'You are welcome!'],
  [/\b(bye|goodbye)\b/i, 'Goodbye!'],
];
const NOT_UNDERSTOOD = 'Sorry, I did not understand that. You can ask about your order, or for a person.';
const HANDED_OVER = 'I’ll pass this along to a person. One moment, please.';
const NOBODY = 'Sorry, I cannot reach anybody right now. Please try again in a moment.';

/** What tags say of a conversation, by its end user's words. */
const TOPICS: readonly [RegExp, string][] = [
  [/\b(bill|billing|invoice|refund|money)\b/i, 'billing'],
  [/\b(orders?|parcel|delivery|package)\b/i, 'orders'],
];

/**
 * A chatbot: it answers by small talk until its end user wants a person, or it has failed twice in a row. Then it
 * attaches what it knows to the conversation, calls the handoff service, says a line, and is sent To Agent, which
 * ends its session: it is paused until the conversation is closed.
 */
export class Bot {
  private readonly turns = new WeakMap<Conversation, Promise<void>>();
  private readonly misses = new WeakMap<Conversation, number>();

  constructor(
    private readonly store: Store,
    private readonly handoff: HandoffCall | undefined,
  ) {}

  /** Answers one message after the other; resolves when this one's turn is over. */
  receive(conversation: Conversation, message: Message): Promise<void> {
    const before = this.turns.get(conversation) ?? Promise.resolve();
    const turn = before.then(() => this.answer(conversation, message));
    this.turns.set(conversation, turn);
    return turn;
  }

  private async answer(conversation: Conversation, message: Message): Promise<void> {
    if (conversation.bot === 'paused' || conversation.status === 'CLOSED') return;
    const text = textOf(message);
    if (ASKS_FOR_PERSON.test(text)) return this.toAgent(conversation, 'asked for a person');
    const reply = SMALL_TALK.find(([pattern]) => pattern.test(text))?.[1];
    const misses = reply === undefined ? (this.misses.get(conversation) ?? 0) + 1 : 0;
    this.misses.set(conversation, misses);
    if (misses > MISSES_ALLOWED) return this.toAgent(conversation, 'not understood');
    this.say(conversation, reply ?? NOT_UNDERSTOOD);
  }

  private async toAgent(conversation: Conversation, reason: string): Promise<void> {
    this.attachContext(conversation, reason);
    try {
      const answer = await this.handoff?.call(conversation.id);
      this.say(conversation, answer?.reply ?? HANDED_OVER);
    } catch {
      // The branch a bot's designer puts behind a failed call: the bot goes on.
      this.say(conversation, NOBODY);
      return;
    }
    if (conversation.status !== 'CLOSED') conversation.bot = 'paused';
  }

  private attachContext(conversation: Conversation, reason: string): void {
    const words = conversation.messages
      .filter(({ direction }) => direction === 'INBOUND')
      .map(textOf)
      .join('\n');
    const topic = TOPICS.find(([pattern]) => pattern.test(words))?.[1];
    if (topic) {
      if (!this.store.tags.has(topic)) this.store.createTag(topic);
      conversation.tags.add(topic);
    }
    Object.assign(conversation.metadata, { language: 'en', handoffReason: reason });
  }

  private say(conversation: Conversation, text: string): void {
    const { customer } = conversation;
    if (!customer || conversation.status === 'CLOSED' || !this.store.holds(conversation)) return;
    const { channel, address: to, sender: from } = customer;
    const message = { channel, from, to, contentType: 'TEXT', content: { text } };
    this.store.append(conversation, { ...message, direction: 'OUTBOUND', authorType: 'BOT' });
  }
}

function textOf({ content }: Message): string {
  return typeof content.text === 'string' ? content.text : '';
}
