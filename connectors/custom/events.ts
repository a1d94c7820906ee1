import { z } from 'zod';
import type { AgentPresence, ContactCenterEvent } from '../../domain/events';
import type { MessageContent } from '../../domain/message';
import { mistakesIn } from './call';

/** The desk's events as the contract has them, one to one in our words. */

const word = z.string().min(1).max(500);
const text = z.string().min(1);
const webUrl = z.url({ protocol: /^https?$/ });
const time = z.iso.datetime({ offset: true }).transform((at) => new Date(at).toISOString());
const agent = z.object({
  id: word.optional(),
  name: word,
  // An ornament: no message is refused for it.
  avatarUrl: webUrl.optional().catch(undefined),
});

const knownContent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text }),
  z.object({
    kind: z.literal('file'),
    media: z.enum(['image', 'audio', 'video', 'document']).default('document'),
    source: z.union([z.object({ url: webUrl }), z.object({ contactCenterFile: word })]),
    name: word.optional(),
    mimeType: word.optional(),
    caption: text.optional(),
  }),
  z.object({
    kind: z.literal('location'),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    label: word.optional(),
  }),
]);

/** A desk may have kinds of its own, as long as each can be read as text. */
const otherContent = z
  .object({ kind: word.refine((kind) => !['text', 'file', 'location'].includes(kind)), text })
  .transform(({ kind, text }): MessageContent => ({ kind: 'other', type: kind, text }));

const envelope = { id: word, at: time, caseKey: word };

const eventSchema = z.discriminatedUnion('type', [
  z.object({
    ...envelope,
    type: z.literal('agent.message'),
    agent,
    content: z.union([knownContent, otherContent]),
  }),
  z.object({ ...envelope, type: z.literal('agent.joined'), agent }),
  z.object({ ...envelope, type: z.literal('agent.left'), agent }),
  z.object({ ...envelope, type: z.literal('agent.typing'), agent }),
  z.object({ ...envelope, type: z.literal('agent.read'), agent, messageId: text }),
  z.object({ ...envelope, type: z.literal('case.transferred'), to: word }),
  z.object({ ...envelope, type: z.literal('case.closed') }),
  z.object({ ...envelope, type: z.literal('case.reopened') }),
]);
type DeskEvent = z.output<typeof eventSchema>;

const KNOWN_TYPES = new Set<string>(eventSchema.options.flatMap(({ shape }) => [...shape.type.values]));

/** What one event of the desk's is to us. */
export type Reading =
  | { event: ContactCenterEvent }
  | { presence: AgentPresence }
  | { ignored: 'unknown-type' }
  /** It breaks the contract, and how. */
  | { malformed: string };

export function readEvent(value: unknown): Reading {
  const type = z.object({ type: z.string() }).safeParse(value).data?.type;
  if (type !== undefined && !KNOWN_TYPES.has(type)) return { ignored: 'unknown-type' };
  const { success, data, error } = eventSchema.safeParse(value);
  if (success) return inOurWords(data);
  return { malformed: mistakesIn(error) };
}

function inOurWords(event: DeskEvent): Reading {
  const { id, at, caseKey } = event;
  switch (event.type) {
    case 'agent.message':
      return {
        event: { type: 'agent-message', caseKey, message: { id, at, agent: event.agent, content: event.content } },
      };
    case 'agent.joined':
      return { event: { type: 'agent-joined', caseKey, id, at, agent: event.agent } };
    case 'agent.left':
      return { event: { type: 'agent-left', caseKey, id, at, agent: event.agent } };
    case 'agent.typing':
      return { presence: { type: 'typing', caseKey, agent: event.agent } };
    case 'agent.read':
      return { presence: { type: 'read', caseKey, agent: event.agent, messageId: event.messageId } };
    case 'case.transferred':
      return { event: { type: 'transferred', caseKey, id, at, to: event.to } };
    case 'case.closed':
      return { event: { type: 'case-closed', caseKey, id, at } };
    case 'case.reopened':
      return { event: { type: 'case-reopened', caseKey, id, at } };
  }
}
