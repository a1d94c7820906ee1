import type { Context, Conversation, TimelineEntry } from './model';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

/** All conversations. */
export class Store {
  private readonly conversations = new Map<string, Conversation>();

  constructor(readonly now: () => number) {}

  get(conversationId: string): Conversation | undefined {
    return this.conversations.get(conversationId);
  }

  /** Oldest first. */
  list(): Conversation[] {
    return [...this.conversations.values()];
  }

  create(conversationId: string, context: Context, textOnly: boolean): Conversation {
    const conversation: Conversation = { conversationId, context, textOnly, timeline: [], usedIds: new Set() };
    this.conversations.set(conversationId, conversation);
    return conversation;
  }

  add({ timeline }: Conversation, entry: WithoutTime<TimelineEntry>): TimelineEntry {
    const added: TimelineEntry = { at: new Date(this.now()).toISOString(), ...entry };
    timeline.push(added);
    return added;
  }

  clear(): void {
    this.conversations.clear();
  }
}
