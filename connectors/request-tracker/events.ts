import { z } from 'zod';
import type { ContactCenterEvent } from '../../domain/events';
import type { AgentMessage } from '../../domain/message';
import { contentsOf, partsOf } from './attachments';
import { PAGE_SIZE, type Client } from './client';
import { keyPrefix, type Lookups, type User } from './lookups';
import { isOurMail } from './marks';
import type { RequestTrackerSettings } from './settings';

/** `Field` and the values are empty for messages; owners come as user numbers; a creator that is gone is empty. */
const transaction = z.object({
  id: z.coerce.number(),
  Type: z.string(),
  Created: z.iso
    .datetime({ offset: true })
    .catch('1970-01-01T00:00:00Z')
    .transform((at) => new Date(at).toISOString()),
  ObjectId: z.coerce.string(),
  OldValue: z.string().nullish(),
  NewValue: z.string().nullish(),
  Creator: z.object({ id: z.coerce.string() }).catch({ id: '' }),
});
export type Transaction = z.output<typeof transaction>;

/** Transactions of tickets, by a condition in the query language. */
export function listTransactions(
  client: Client,
  where: string,
  { order = 'ASC', limit = PAGE_SIZE }: { order?: 'ASC' | 'DESC'; limit?: number } = {},
): Promise<Transaction[]> {
  const query = `ObjectType = 'RT::Ticket' AND ${where}`;
  const fields = 'Type,Creator,Created,ObjectId,OldValue,NewValue';
  const params = { query, fields, orderby: 'id', order, per_page: limit };
  return client.list('reading what happened', '/transactions', transaction, params);
}

/** The account by whose name scrips act, among them the one that opens a closed ticket when somebody replies. */
const SYSTEM = 'RT_System';

/** What transactions mean for a handoff. */
export function eventCalls(client: Client, lookups: Lookups, settings: RequestTrackerSettings, account: string) {
  async function eventsOf(happened: Transaction): Promise<ContactCenterEvent[]> {
    const caseKey = (await lookups.knownTicket(happened.ObjectId))?.key;
    if (!caseKey?.startsWith(keyPrefix(account))) return [];
    switch (happened.Type) {
      case 'Correspond': {
        const messages = await messagesOf(happened);
        return messages.map((message) => ({ type: 'agent-message', caseKey, message }));
      }
      case 'Set':
        return ownerChange(happened, caseKey);
      default:
        return statusChange(happened, caseKey);
    }
  }

  /** Only staff speaks to the end user: mail reaches tickets from anyone, and our own messages come back as well. */
  async function messagesOf({ id, Created: at, Creator }: Transaction): Promise<AgentMessage[]> {
    const author = await agent(Creator.id);
    if (!author) return [];
    const parts = await partsOf(client, `${id}`);
    if (isOurMail(parts[0]?.MessageId)) return [];
    const contents = await contentsOf(client, parts, settings.timeoutMs);
    return contents.map((content, i) => ({ id: i === 0 ? `${id}` : `${id}.${i}`, at, agent: author, content }));
  }

  async function statusChange(happened: Transaction, caseKey: string): Promise<ContactCenterEvent[]> {
    const { id, Created: at, OldValue, NewValue, Creator } = happened;
    const [was, is] = [OldValue, NewValue].map((status) => settings.closedStatuses.includes(status ?? ''));
    if (was === is || isUs(Creator.id, settings)) return [];
    if (!is && !(await isReopenedByAgent(happened))) return [];
    return [{ type: is ? 'case-closed' : 'case-reopened', caseKey, id: `${id}`, at }];
  }

  /**
   * Request Tracker opens a closed ticket for anyone's reply, always in its own name. So it is an agent's act where an
   * agent changed the status, or replied since the ticket was closed.
   */
  async function isReopenedByAgent({ id, ObjectId, Creator }: Transaction): Promise<boolean> {
    if (Creator.id !== SYSTEM) return (await agent(Creator.id)) !== undefined;
    const where = `ObjectId = ${ObjectId} AND id < ${id} AND (Type = 'Correspond' OR Type = 'Status')`;
    const earlier = await listTransactions(client, where, { order: 'DESC' });
    const closing = earlier.findIndex(({ Type }) => Type === 'Status');
    const replies = earlier.slice(0, closing < 0 ? earlier.length : closing);
    const authors = await Promise.all([...new Set(replies.map((reply) => reply.Creator.id))].map(agent));
    return authors.some((author) => author !== undefined);
  }

  /** Who takes a ticket joins; who is given one has not seen it yet, so that is only an end for the one before. */
  async function ownerChange(
    { id, Created: at, OldValue, NewValue, Creator }: Transaction,
    caseKey: string,
  ): Promise<ContactCenterEvent[]> {
    const [before, now] = await Promise.all([OldValue, NewValue].map((owner) => agent(owner ?? '')));
    const event = { caseKey, id: `${id}`, at };
    if (now && now.id === Creator.id) return [{ type: 'agent-joined', ...event, agent: now }];
    if (now) return [{ type: 'transferred', ...event }];
    return before ? [{ type: 'agent-left', ...event, agent: before }] : [];
  }

  /** By name or number; undefined for everyone who is not an agent, us included. */
  async function agent(nameOrId: string): Promise<{ id: string; name: string } | undefined> {
    if (isUs(nameOrId, settings)) return undefined;
    const user = await lookups.user(nameOrId);
    return user?.privileged && !isUs(user.name, settings) ? agentOf(user) : undefined;
  }

  return { eventsOf, messagesOf };
}

function agentOf({ name, realName }: User) {
  return { id: name, name: realName };
}

/** Request Tracker's user names ignore case. */
function isUs(name: string, { username }: RequestTrackerSettings): boolean {
  return name.toLowerCase() === username.toLowerCase();
}
