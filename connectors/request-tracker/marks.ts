import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Client, Condition } from './client';
import type { RequestTrackerSettings } from './settings';

/**
 * Each message carries a mark made of its id that can be searched for: as the mail's Message-ID where it came through
 * the gateway, in its subject where it came by the API, which keeps nothing else of ours.
 */
export function subjectMark(what: 'Message' | 'Note', id: string): string {
  return `${what} ${digest(id)}`;
}

export function mailMark(id: string, { requestorEmailDomain }: RequestTrackerSettings): string {
  return `handoff.${digest(id)}@${requestorEmailDomain}`;
}

/** Whether a message of a ticket came from us, by its Message-ID. */
export function isOurMail(messageId: string | null | undefined): boolean {
  return /^handoff\.[0-9a-f]{24}@/.test(messageId ?? '');
}

const marked = z.object({ MessageId: z.string().nullish(), Subject: z.string().nullish() });

/** So many conditions make a query that any database takes. */
const MARKS_AT_ONCE = 50;

/** Which of these marks the messages of a ticket carry. */
export async function marksIn(
  client: Client,
  ticketId: string,
  field: 'MessageId' | 'Subject',
  marks: string[],
): Promise<Set<string>> {
  const found = new Set<string>();
  for (let i = 0; i < marks.length; i += MARKS_AT_ONCE) {
    const values = marks.slice(i, i + MARKS_AT_ONCE);
    const conditions = values.map((value): Condition => ({ field, value, entry_aggregator: 'OR' }));
    const path = `/ticket/${encodeURIComponent(ticketId)}/attachments`;
    const parts = await client.search('reading messages back', path, marked, conditions, { fields: field });
    for (const part of parts) found.add(part[field] ?? '');
  }
  return found;
}

function digest(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 24);
}
