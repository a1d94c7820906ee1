import { z } from 'zod';
import { MEBIBYTE } from '../../domain/capabilities';
import type { ContactCenterEvent } from '../../domain/events';
import type { AgentMessage, MessageContent } from '../../domain/message';
import { htmlToText } from '../shared/html';
import { trimmed } from '../shared/url-setting';
import type { Client } from './client';
import { filesOf } from './files';
import { TICKET, type Ticket } from './tickets';

/** What agents write is `comment` or `email`; that something of the ticket changed is `notification`. */
const row = z.object({
  id: z.int(),
  res_id: z.int(),
  message_type: z.string(),
  body: z.union([z.string(), z.literal(false)]),
  author_id: z.union([z.tuple([z.int(), z.string()]), z.literal(false)]),
  date: z.string(),
  attachment_ids: z.array(z.int()),
});
export type Row = z.output<typeof row>;

const MOST_TEXT_BYTES = MEBIBYTE;

/** Only staff speaks to the end user, and in public: mail reaches tickets from anyone, and notes are for agents. */
const SPOKEN = [
  ['message_type', 'in', ['comment', 'email']],
  ['subtype_id', '!=', false],
  ['subtype_id.internal', '=', false],
  ['author_id.partner_share', '=', false],
];

/** What others than we did to tickets, by further conditions. */
export async function listRows(
  client: Client,
  conditions: unknown[],
  { order, limit, spokenOnly }: { order?: string; limit?: number; spokenOnly?: boolean } = {},
): Promise<Row[]> {
  const common = [['model', '=', TICKET], ['create_uid', '!=', await client.ownUser()], ...conditions];
  const either = ['|', ['message_type', '=', 'notification'], '&', '&', '&', ...SPOKEN];
  const domain = [...common, ...(spokenOnly ? SPOKEN : either)];
  const search = { domain, fields: Object.keys(row.shape), limit, ...(order && { order }) };
  return client.search('reading what happened', 'mail.message', search, row);
}

/** One message of an agent as those a chat takes: its text, then its files. */
export async function messagesOf(client: Client, baseUrl: string, said: Row): Promise<AgentMessage[]> {
  if (!said.author_id) return [];
  const [number, name] = said.author_id;
  const avatarUrl = `${trimmed(baseUrl)}/web/image/res.partner/${number}/avatar_128`;
  const agent = { id: `${number}`, name, avatarUrl };
  const contents = [...textOf(said.body || ''), ...(await filesOf(client, said.attachment_ids))];
  return contents.map((content, i) => ({
    id: i === 0 ? `${said.id}` : `${said.id}.${i}`,
    at: timeOf(said.date),
    agent,
    content,
  }));
}

function textOf(body: string): MessageContent[] {
  const bytes = Buffer.byteLength(body);
  if (bytes > MOST_TEXT_BYTES) return [{ kind: 'omitted', bytes }];
  const text = htmlToText(body);
  return text ? [{ kind: 'text', text }] : [];
}

/** A closing and the notification of it are one transaction, which Odoo's server ends after this time. */
const ONE_TRANSACTION_MS = 120_000;

/**
 * What a ticket's notifications mean for its handoff. To ordinary users they say when something changed and not what;
 * the ticket says whether it is closed, and since when or when it last was.
 */
export function changesOf(notifications: Row[], { closed, closed_date: since }: Ticket, caseKey: string) {
  if (!since) return [];
  const closedAt = Date.parse(timeOf(since));
  const after = notifications.filter(({ date }) => Date.parse(timeOf(date)) >= closedAt);
  const closing = after.find(({ date }) => Date.parse(timeOf(date)) <= closedAt + ONE_TRANSACTION_MS);
  const last = after.at(-1);
  const events: { of: number; event: ContactCenterEvent }[] = [];
  const add = (type: 'case-closed' | 'case-reopened', { id, date }: Row) =>
    events.push({ of: id, event: { type, caseKey, id: `${id}`, at: timeOf(date) } });
  if (closing && (closed || closing !== last)) add('case-closed', closing);
  if (last && !closed) add('case-reopened', last);
  return events;
}

/** `2026-11-26 21:14:15`, always in UTC. */
function timeOf(date: string): string {
  const at = new Date(`${date.replace(' ', 'T')}Z`);
  return Number.isNaN(at.getTime()) ? new Date(0).toISOString() : at.toISOString();
}
