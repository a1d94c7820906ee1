import { z } from 'zod';
import { PRIORITIES } from '../../domain/routing';

/** What the desk lets in: the calls of the contract, and those of the person at the desk. */

const text = z.string().min(1);
const agent = z.object({ id: text.optional(), name: text, avatarUrl: z.url().optional() });
export type DeskAgent = z.output<typeof agent>;

const source = z.union([
  z.object({ url: z.url() }),
  z.object({ base64: z.base64() }),
  z.object({ contactCenterFile: text }),
]);
const content = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text }),
  z.object({
    kind: z.literal('file'),
    media: z.enum(['image', 'audio', 'video', 'document']),
    source,
    name: text.optional(),
    mimeType: text.optional(),
    caption: z.string().optional(),
  }),
  z.object({ kind: z.literal('location'), latitude: z.number(), longitude: z.number(), label: z.string().optional() }),
  z.object({ kind: z.literal('other'), type: z.string(), text: z.string() }),
]);
export type DeskContent = z.output<typeof content>;

const entry = z.object({
  id: z.string().optional(),
  at: z.string(),
  author: z.enum(['end-user', 'bot', 'agent', 'system']),
  name: z.string().optional(),
  content,
});

export const openingSchema = z.object({
  key: text,
  subject: z.string(),
  queue: z.string().optional(),
  language: z.string().optional(),
  priority: z.enum(PRIORITIES),
  summary: z.string().optional(),
  customer: z.looseObject({ id: text, name: z.string().optional() }),
  tags: z.array(z.string()),
  attributes: z.record(z.string(), z.string()),
  transcript: z.object({ entries: z.array(entry), gap: z.string().optional() }),
});
export type Opening = z.output<typeof openingSchema>;

export const appendSchema = z.object({
  messages: z.array(z.object({ id: text, at: z.string(), author: z.string().optional(), content })).min(1),
});
export type CustomerMessage = z.output<typeof appendSchema>['messages'][number];

export const noteSchema = z.object({ id: text, text });
export const closeSchema = z.object({ reason: z.enum(['conversation-ended', 'transferred', 'unavailable']) });
export type CloseReason = z.output<typeof closeSchema>['reason'];
export const presenceSchema = z.object({ type: z.enum(['typing', 'read']) });

const byAgent = { agent: agent.optional() };
export const actionSchemas = {
  messages: z.union([
    z.strictObject({ ...byAgent, text }).transform(({ agent, text }) => ({
      agent,
      content: { kind: 'text', text } as DeskContent,
    })),
    z.strictObject({ ...byAgent, content }),
  ]),
  join: z.strictObject(byAgent),
  leave: z.strictObject(byAgent),
  typing: z.strictObject(byAgent),
  read: z.strictObject({ ...byAgent, messageId: text }),
  transfer: z.strictObject({ ...byAgent, to: text }),
  close: z.strictObject(byAgent),
  reopen: z.strictObject(byAgent),
  notes: z.strictObject({ ...byAgent, text }),
};
/** An event as it is, which need not keep the contract. */
export const rawEventSchema = z.record(z.string(), z.unknown());
export const behaviorSchema = z.strictObject({ reopenOnAppend: z.enum(['never', 'silently', 'by-api']) });
export const availabilitySchema = z.strictObject({ available: z.boolean() });
