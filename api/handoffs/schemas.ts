import { z } from 'zod';
import { HANDOFF_STATES, OUTCOMES, VERDICTS, type HandoffView } from '../../domain/handoff';
import { MAX_CONVERSATION_ID_BYTES } from '../../domain/ids';
import { PRIORITIES } from '../../domain/routing';
import type { TranscriptEntry } from '../../domain/transcript';

/** What callers send and get: checked here, and described from here in `/openapi.json`. */

/** Bots fill in templates: a field left empty counts as not given. */
const optionalText = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .transform((text) => text || undefined)
    .optional();

export const conversationId = z
  .string()
  .min(1)
  .refine((text) => !/\p{Surrogate}/u.test(text), 'is not well-formed Unicode')
  .refine((text) => !/\p{Cc}/u.test(text), 'holds a control character')
  .refine(
    (text) => Buffer.byteLength(text) <= MAX_CONVERSATION_ID_BYTES,
    `is longer than ${MAX_CONVERSATION_ID_BYTES} bytes in UTF-8`,
  )
  .meta({ description: `The platform's id of the conversation, at most ${MAX_CONVERSATION_ID_BYTES} bytes.` });

const customer = z.strictObject({
  name: optionalText(200),
  email: optionalText(320),
  phone: optionalText(50),
  language: optionalText(35),
});

const historyEntry = z
  .strictObject({
    id: optionalText(200).meta({
      description: "The platform's id of the message: should it be delivered again, it is not passed on again.",
    }),
    author: z.enum(['end-user', 'bot', 'agent', 'system']),
    at: z.iso.datetime({ offset: true }),
    text: z.string().max(10_000),
    name: optionalText(200),
  })
  .transform(({ id, author, at, text, name }): TranscriptEntry => ({
    ...(id && { id }),
    author,
    at: new Date(at).toISOString(),
    content: { kind: 'text', text },
    ...(name && { name }),
  }));

export const MAX_HISTORY = 1_000;
const MAX_ATTRIBUTES = 50;

export const startBody = z
  .strictObject({
    conversationId,
    account: optionalText(40).meta({ description: 'Needed only where there are several and none is called main.' }),
    queue: optionalText(200),
    language: optionalText(35).meta({ description: 'A BCP 47 tag, such as de-AT.' }),
    priority: z
      .enum([...PRIORITIES, ''])
      .transform((priority) => priority || undefined)
      .optional(),
    summary: optionalText(2_000).meta({ description: 'A line or two for the agent on what this is about.' }),
    customer: customer.optional(),
    attributes: z
      .record(z.string().min(1).max(100), z.string().max(2_000))
      .refine((all) => Object.keys(all).length <= MAX_ATTRIBUTES, `has more than ${MAX_ATTRIBUTES} entries`)
      .optional(),
    history: z
      .array(historyEntry)
      .max(MAX_HISTORY)
      .optional()
      .meta({ description: 'The conversation so far, oldest first, for platforms whose past cannot be read.' }),
  })
  .meta({ id: 'HandoffRequest' });

const outcome = z.enum(OUTCOMES).meta({ description: 'How the handoff ended.' });

export const startAnswer = z
  .object({
    handoffId: z.string(),
    status: z.enum(['accepted', 'existing']).meta({ description: 'existing: a handoff of this conversation is open.' }),
    verdict: z.enum(VERDICTS).optional().meta({ description: 'With `Prefer: wait` alone.' }),
    outcome: outcome.optional(),
  })
  .meta({ id: 'HandoffAnswer' });
export type StartAnswer = z.output<typeof startAnswer>;

export const closeBody = z
  .strictObject({ by: z.enum(['operator', 'end-user']).default('operator') })
  .meta({ id: 'CloseRequest' });

export const listQuery = z.strictObject({
  account: z.string().optional(),
  state: z.enum(HANDOFF_STATES).optional(),
  queue: z.string().optional(),
  case: z.string().optional().meta({ description: "The contact center's id of the case." }),
  undelivered: z.literal('true').optional().meta({ description: 'Only those with undeliverable messages.' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  pageToken: z.string().optional(),
});

export const handoffItem = z
  .object({
    handoffId: z.string(),
    account: z.string(),
    conversationId: z.string(),
    state: z.enum(HANDOFF_STATES).optional(),
    queue: z.string().optional(),
    case: z.string().optional(),
    startedAt: z.iso.datetime(),
    closedAt: z.iso.datetime().optional(),
    undelivered: z.int(),
  })
  .meta({ id: 'HandoffItem' });
export type HandoffItem = z.output<typeof handoffItem>;

export const handoffPage = z
  .object({ items: z.array(handoffItem), nextPageToken: z.string().optional() })
  .meta({ id: 'HandoffPage' });

const message = z.object({
  id: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  at: z.iso.datetime(),
  deliveryStatus: z.enum(['accepted', 'delivered', 'undeliverable']),
  reason: z
    .enum(['too-large', 'unsupported', 'rejected', 'conversation-closed', 'case-closed', 'no-case', 'timed-out'])
    .optional(),
});

/** The answer of `GET /v1/handoffs/{id}`: the workflow's view without what is for the processes alone. */
export const handoffAnswer = z
  .object({
    handoffId: z.string(),
    account: z.string(),
    conversationId: z.string(),
    state: z.enum(HANDOFF_STATES),
    outcome: outcome.optional(),
    detail: z.string().optional(),
    contactCenter: z.string().optional(),
    queue: z.string().optional(),
    language: z.string().optional(),
    priority: z.enum(PRIORITIES).optional(),
    case: z.object({ id: z.string(), url: z.string().optional() }).optional(),
    representative: z.enum(['BOT', 'HUMAN']),
    agent: z.object({ id: z.string().optional(), name: z.string(), avatarUrl: z.string().optional() }).optional(),
    startedAt: z.iso.datetime(),
    pending: z.int().meta({ description: 'Messages that wait to be delivered.' }),
    undelivered: z.int().meta({ description: 'Messages that never will be.' }),
    relayed: z.object({ inbound: z.int(), outbound: z.int() }),
    messages: z.array(message).meta({ description: 'The latest, oldest first, without their texts.' }),
    temporalUiUrl: z.url().optional(),
  })
  .meta({ id: 'Handoff' }) satisfies z.ZodType<Omit<HandoffView, 'replyTo'>>;
export type HandoffAnswer = z.output<typeof handoffAnswer>;

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });
