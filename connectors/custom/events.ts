import { z } from 'zod';
import { handoffIdOfCaseKey } from '../../domain/ids';
import type { AgentPresence, ContactCenterEvent } from '../../domain/events';
import type { AgentMessage, MessageContent } from '../../domain/message';
import { mistakesIn } from '../shared/parse';
import { id, pathId, webUrl, word } from './fields';

/** The desk's events as the contract has them, one to one in our words. */

/** The longest text of one message, in bytes of UTF-8: what is longer is reported by its size. */
export const MAX_TEXT_BYTES = 256 * 1024;

const text = z
  .string()
  .min(1)
  .transform((value) => value.toWellFormed());
const time = z.iso.datetime({ offset: true }).transform((at) => new Date(at).toISOString());
const agent = z.object({
  id: id.optional(),
  name: word,
  // An ornament: no message is refused for it.
  avatarUrl: webUrl.optional().catch(undefined),
});

const knownContent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text }),
  z.object({
    kind: z.literal('file'),
    media: z.enum(['image', 'audio', 'video', 'document']).default('document'),
    source: z.union([z.object({ url: webUrl }), z.object({ contactCenterFile: pathId })]),
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

const content = z.union([knownContent, otherContent]).transform(omitTooLong);
const message = { id, at: time, agent, content };

function omitTooLong(value: MessageContent): MessageContent {
  const longest = ('text' in value ? value.text : 'caption' in value ? value.caption : undefined) ?? '';
  const bytes = Buffer.byteLength(longest);
  return bytes > MAX_TEXT_BYTES ? { kind: 'omitted', bytes } : value;
}

const envelope = { id, at: time, caseKey: word };
/** Who caused a change of the case: the desk's people and rules, or a call of ours. */
const by = z.enum(['agent', 'api']).default('agent');

const eventSchema = z.discriminatedUnion('type', [
  z.object({ ...envelope, ...message, type: z.literal('agent.message') }),
  z.object({ ...envelope, type: z.literal('agent.joined'), agent }),
  z.object({ ...envelope, type: z.literal('agent.left'), agent }),
  z.object({ ...envelope, type: z.literal('agent.typing'), agent }),
  z.object({ ...envelope, type: z.literal('agent.read'), agent, messageId: word }),
  z.object({ ...envelope, type: z.literal('case.transferred') }),
  z.object({ ...envelope, type: z.literal('case.closed'), by }),
  z.object({ ...envelope, type: z.literal('case.reopened'), by }),
  z.object({ type: z.literal('poll') }),
]);
type DeskEvent = z.output<typeof eventSchema>;

const typed = z.object({ type: z.string() });
const KNOWN_TYPES = new Set<string>(eventSchema.options.flatMap(({ shape }) => [...shape.type.values]));

/** What one event of the desk's is to us. */
export type Reading =
  | { event: ContactCenterEvent }
  | { presence: AgentPresence }
  /** Something has happened, and the feed says what. */
  | { poll: true }
  | { ignored: 'unknown-type' | 'foreign-case' | 'own-act' }
  /** It breaks the contract, and how. */
  | { malformed: string };

export function readEvent(value: unknown): Reading {
  const type = typed.safeParse(value).data?.type;
  if (type !== undefined && !KNOWN_TYPES.has(type)) return { ignored: 'unknown-type' };
  const { success, data, error } = eventSchema.safeParse(value);
  return success ? inOurWords(data) : { malformed: mistakesIn(error) };
}

const agentMessage = z.object(message);

/** One message of an agent's, read again; undefined where it breaks the contract. */
export function readAgentMessage(value: unknown): AgentMessage | undefined {
  return agentMessage.safeParse(value).data;
}

function inOurWords(event: DeskEvent): Reading {
  if (event.type === 'poll') return { poll: true };
  const { type, id, at, caseKey } = event;
  if (handoffIdOfCaseKey(caseKey) === undefined) return { ignored: 'foreign-case' };
  if ('by' in event && event.by === 'api') return { ignored: 'own-act' };
  switch (type) {
    case 'agent.message': {
      const { agent, content } = event;
      return { event: { type: 'agent-message', caseKey, message: { id, at, agent, content } } };
    }
    case 'agent.joined':
      return { event: { type: 'agent-joined', caseKey, id, at, agent: event.agent } };
    case 'agent.left':
      return { event: { type: 'agent-left', caseKey, id, at, agent: event.agent } };
    case 'agent.typing':
      return { presence: { type: 'typing', caseKey, agent: event.agent } };
    case 'agent.read':
      return { presence: { type: 'read', caseKey, agent: event.agent, messageId: event.messageId } };
    case 'case.transferred':
      return { event: { type: 'transferred', caseKey, id, at } };
    case 'case.closed':
      return { event: { type: 'case-closed', caseKey, id, at } };
    case 'case.reopened':
      return { event: { type: 'case-reopened', caseKey, id, at } };
  }
}
