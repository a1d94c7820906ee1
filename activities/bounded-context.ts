import type { ConversationContext } from '../connectors/platform';
import { jsonBytes, SHARES } from '../domain/limits';
import type { ReplyAddress } from '../domain/message';

const LONGEST = { word: 200, value: 2_000, tags: 100, attributes: 100 };

/** What a conversation says of itself, cut to what a handoff may hold: its metadata is written by others. */
export function boundedContext(context: ConversationContext): ConversationContext {
  const { tags, attributes, language, queue, priority, replyTo, customer } = context;
  return {
    tags: tags.slice(0, LONGEST.tags).map((tag) => tag.slice(0, LONGEST.word)),
    attributes: boundedAttributes(attributes),
    ...(language !== undefined && { language: language.slice(0, 35) }),
    ...(queue !== undefined && { queue: queue.slice(0, LONGEST.word) }),
    ...(priority !== undefined && { priority }),
    ...(replyTo !== undefined && isSmall(replyTo) && { replyTo }),
    ...(customer !== undefined && { customer: boundedStrings(customer) }),
  };
}

function boundedAttributes(attributes: Record<string, string>): Record<string, string> {
  const bounded: Record<string, string> = {};
  let bytes = 0;
  for (const [key, value] of Object.entries(attributes).slice(0, LONGEST.attributes)) {
    const pair = [key.slice(0, LONGEST.word), value.slice(0, LONGEST.value)] as const;
    bytes += jsonBytes(pair);
    if (bytes > SHARES.context / 2) break;
    bounded[pair[0]] = pair[1];
  }
  return bounded;
}

function boundedStrings<T extends Record<string, unknown> | object>(value: T): T {
  const pairs = Object.entries(value as Record<string, unknown>).map(([key, text]) => [
    key,
    typeof text === 'string' ? text.slice(0, 320) : text,
  ]);
  return Object.fromEntries(pairs) as T;
}

function isSmall(replyTo: ReplyAddress): boolean {
  return jsonBytes(replyTo) <= 2_000;
}
