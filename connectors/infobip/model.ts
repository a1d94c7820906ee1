import { z } from 'zod';

/**
 * What Infobip's API sends, as far as it is used here. Null, absence and surprises in anything but an id count as
 * not there: a field of no use to us never stops a handoff.
 */
const written = z.union([z.string().min(1), z.number().transform(String)]);
const text = written.optional().catch(undefined);

export const message = z.object({
  id: written,
  conversationId: text,
  channel: text,
  /** The end user in an inbound message, our sender in an outbound one. */
  from: text,
  to: text,
  direction: text,
  /** `CUSTOMER`, `AGENT`, `BOT` or `SYSTEM`. */
  authorType: text,
  createdAt: text,
  updatedAt: text,
  /** One of an open list of about a hundred. */
  contentType: text,
  content: z.unknown().optional(),
  /** Who the end user is on a social network. */
  socialContext: z.object({ username: text }).optional().catch(undefined),
});
export type Message = z.output<typeof message>;

export const conversation = z.object({
  id: text,
  status: text,
  priority: text,
  queueId: text,
  agentId: text,
  updatedAt: text,
  closedAt: text,
});
export type Conversation = z.output<typeof conversation>;

export const tag = z.object({ name: written });

/** The body of a webhook of a subscription. Which fields come depends on the event. */
export const webhookEvent = z.object({
  type: text,
  timestamp: text,
  payload: z.object({
    /** The conversation's id. */
    id: text,
    status: text,
    direction: text,
    assignee: z.object({ id: text, role: text }).optional().catch(undefined),
    customer: z.object({ name: text }).optional().catch(undefined),
    message: message.optional().catch(undefined),
  }),
});

/** ISO 8601 in UTC. Infobip writes the offset as `+00:00` and, in places, as `+0000`. */
export function parseTime(time: string | undefined): string | undefined {
  const date = new Date((time ?? '').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** The form filters want: `2024-01-01T00:00:00.000+0000`. */
export function queryTime(time: Date | number): string {
  return new Date(time).toISOString().replace('Z', '+0000');
}

/** When Infobip took the message; now, where it does not say. */
export function timeOf({ createdAt, updatedAt }: Message, otherwise?: string): string {
  return parseTime(createdAt) ?? parseTime(updatedAt) ?? parseTime(otherwise) ?? new Date().toISOString();
}
