import { z } from 'zod';
import { CASE_STATUSES, HANDOFF_STATES, OUTCOMES, START_STATES } from '../../domain/handoff';
import { jsonBytes } from '../../domain/limits';
import { invalidConversationId, MAX_CONVERSATION_ID_BYTES } from '../../domain/ids';
import type { UndeliverableReason } from '../../domain/message';
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
  .superRefine((id, ctx) => {
    const message = invalidConversationId(id);
    if (message) ctx.addIssue({ code: 'custom', message });
  })
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
      description: "The platform's id of the message. A message that is part of the history is not relayed again.",
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
/** It travels along with the handoff's state, of which Temporal takes 2 MiB. */
const MAX_HISTORY_BYTES = 512 * 1024;
const MAX_ATTRIBUTES = 50;

export const startBody = z
  .strictObject({
    conversationId,
    account: optionalText(40).meta({ description: 'Required if there are several accounts and none is called main.' }),
    queue: optionalText(200),
    language: optionalText(35).meta({ description: 'A BCP 47 tag, such as de-AT.' }),
    priority: z
      .enum([...PRIORITIES, ''])
      .transform((priority) => priority || undefined)
      .optional(),
    summary: optionalText(2_000).meta({ description: 'A line or two for the agent.' }),
    customer: customer.optional(),
    attributes: z
      .record(z.string().min(1).max(100), z.string().max(2_000))
      .refine((all) => Object.keys(all).length <= MAX_ATTRIBUTES, `has more than ${MAX_ATTRIBUTES} entries`)
      .optional(),
    history: z
      .array(historyEntry)
      .max(MAX_HISTORY)
      .refine((entries) => jsonBytes(entries) <= MAX_HISTORY_BYTES, 'is larger than 512 KiB; pass the latest messages')
      .optional()
      .meta({ description: 'The conversation so far, oldest first, for platforms that have no history to read.' }),
  })
  .meta({ id: 'HandoffRequest' });

const outcome = z.enum(OUTCOMES).meta({ description: 'How the handoff ended.' });

export const startAnswer = z
  .object({
    handoffId: z.string(),
    status: z.enum(['accepted', 'existing']).meta({ description: 'existing: this conversation has an open handoff.' }),
    state: z.enum(START_STATES).optional().meta({ description: 'Only with `Prefer: wait`.' }),
    outcome: outcome.optional(),
    detail: z.string().optional().meta({ description: 'Why the handoff is unavailable.' }),
  })
  .meta({ id: 'HandoffAnswer' });

export const closeBody = z
  .strictObject({ by: z.enum(['operator', 'end-user']).default('operator') })
  .meta({ id: 'CloseRequest' });

export const transferBody = z
  .strictObject({
    to: z.string().min(1).max(40).meta({ description: "The name of one of the account's contact centers." }),
    queue: optionalText(200),
  })
  .meta({ id: 'TransferRequest' });

const direction = z.enum(['inbound', 'outbound']);

export const retryBody = z
  .strictObject({
    direction: direction.optional().meta({ description: 'Required if both directions have a message with this id.' }),
  })
  .meta({ id: 'RetryRequest' });

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());

export const listQuery = z.strictObject({
  account: z.string().optional(),
  state: z.enum(HANDOFF_STATES).optional(),
  outcome: outcome.optional(),
  contactCenter: z.string().optional(),
  queue: z.string().optional(),
  case: z.string().optional().meta({ description: "The contact center's id of the case." }),
  undelivered: z.literal('true').optional().meta({ description: 'Only those with undeliverable messages.' }),
  startedAfter: moment.optional(),
  startedBefore: moment.optional(),
  closedAfter: moment.optional(),
  closedBefore: moment.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  pageToken: z.string().max(10_000).optional(),
});

const caseRef = z.object({
  id: z.string(),
  url: z.string().optional().meta({ description: 'Where an agent opens the case. Not part of lists.' }),
});

export const handoffItem = z
  .object({
    handoffId: z.string(),
    account: z.string(),
    conversationId: z.string(),
    state: z.enum(HANDOFF_STATES).optional(),
    outcome: outcome.optional(),
    contactCenter: z.string().optional(),
    queue: z.string().optional(),
    case: caseRef.optional(),
    startedAt: z.iso.datetime(),
    closedAt: z.iso.datetime().optional(),
    undelivered: z.int().meta({ description: 'Undeliverable messages.' }),
  })
  .meta({ id: 'HandoffItem' });
export type HandoffItem = z.output<typeof handoffItem>;

export const handoffPage = z
  .object({ items: z.array(handoffItem), nextPageToken: z.string().optional() })
  .meta({ id: 'HandoffPage' });

const UNDELIVERABLE_REASONS = [
  ...['too-large', 'unsupported', 'rejected', 'conversation-closed', 'case-closed', 'no-case'],
  ...['timed-out', 'backlog-full'],
] as UndeliverableReason[];

const message = z.object({
  id: z.string(),
  direction,
  at: z.iso.datetime(),
  deliveryStatus: z.enum(['accepted', 'delivered', 'undeliverable']),
  reason: z.enum(UNDELIVERABLE_REASONS).optional(),
});

const caseView = z.object({
  contactCenter: z.string(),
  queue: z.string().optional(),
  id: z.string().optional(),
  url: z.string().optional(),
  status: z.enum(CASE_STATUSES),
});

/**
 * The answer of `GET /v1/handoffs/{id}`: the workflow's view without what is for the processes alone. Of a failed
 * handoff not all of it may be known.
 */
export const handoffAnswer = handoffItem
  .extend({
    detail: z.string().optional().meta({ description: 'Why it ended so, where the outcome does not say it.' }),
    language: z.string().optional(),
    priority: z.enum(PRIORITIES).optional(),
    cases: z.array(caseView).meta({ description: 'All cases, oldest first: more than one after a transfer.' }),
    representative: z.enum(['BOT', 'HUMAN']).optional(),
    agent: z.object({ id: z.string().optional(), name: z.string(), avatarUrl: z.string().optional() }).optional(),
    pending: z.int().optional().meta({ description: 'Messages that are still to be delivered.' }),
    relayed: z.object({ inbound: z.int(), outbound: z.int() }).optional(),
    messages: z.array(message).optional().meta({ description: 'The latest, oldest first, without their texts.' }),
    temporalUiUrl: z.url().optional(),
  })
  .meta({ id: 'Handoff' });
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
