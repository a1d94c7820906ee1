import { z } from 'zod';
import type { CaseRef, CloseReason } from '../../domain/handoff';
import { handoffIdOfCaseKey } from '../../domain/ids';
import type { ContactCenter, FoundCase } from '../contact-center';
import { VendorError } from '../shared/errors';
import { done, type Desk } from './call';
import { pathId, webUrl, word } from './fields';
import { casePath, withQuery } from './paths';
import { messagesOnTheWire, openingOnTheWire } from './wire';

const caseAnswer = z.object({
  id: pathId,
  // An ornament: no case is refused for it.
  url: webUrl.optional().catch(undefined),
});
const casesAnswer = z.object({
  cases: z.array(
    caseAnswer.extend({
      key: word.optional(),
      // Nothing is taken for closed without the desk's word.
      status: z.enum(['open', 'closed']).default('open'),
    }),
  ),
});
const idsAnswer = z.object({ ids: z.array(z.string()) });
const availabilityAnswer = z.object({ available: z.boolean() });

type CaseCalls = Pick<
  ContactCenter,
  'availability' | 'openCase' | 'findCase' | 'append' | 'findAppended' | 'note' | 'close' | 'presence' | 'files'
>;

/** What every desk is asked about its cases. */
export function caseCalls(desk: Desk): CaseCalls {
  return {
    availability: (queue) => availability(desk, queue),
    async openCase(opening) {
      return refOf(await desk.post('opening a case', '/cases', openingOnTheWire(opening), caseAnswer));
    },
    findCase: (key) => findCase(desk, key),
    async append({ id }, messages) {
      await desk.post('appending messages', casePath(id, 'messages'), messagesOnTheWire(messages), done);
    },
    async findAppended({ id }, messageIds) {
      const path = withQuery(casePath(id, 'messages'), { ids: messageIds });
      const { ids } = await desk.get('reading messages back', path, idsAnswer);
      return messageIds.filter((messageId) => ids.includes(messageId));
    },
    async note(ref, id, text) {
      await desk.post('adding a note', casePath(ref.id, 'notes'), { id, text }, done);
    },
    close: ({ id }, reason) => close(desk, id, reason),
    presence: {
      async show({ id }, presence) {
        await desk.post('showing presence', casePath(id, 'presence'), presence, done);
      },
    },
    files: { open: (file) => desk.open('fetching a file', `/files/${encodeURIComponent(file)}`, file) },
  };
}

/** For desks that can list their open cases. */
export function openCases(desk: Desk): ContactCenter['openCases'] {
  return {
    async list(limit) {
      const path = withQuery('/cases', { open: 'true', limit: String(limit) });
      const { cases } = await desk.get('listing open cases', path, casesAnswer);
      const open = cases.filter(({ status, key }) => status === 'open' && handoffIdOfCaseKey(key ?? '') !== undefined);
      return open.slice(0, limit).map(({ key, ...one }) => ({ key: key!, ref: refOf(one) }));
    },
  };
}

/** The contract leaves this call to the desk's choice: one that does not know it answers 404. */
async function availability(desk: Desk, queue: string | undefined): Promise<'available' | 'unavailable'> {
  try {
    const path = withQuery('/availability', { queue });
    const { available } = await desk.get('asking for availability', path, availabilityAnswer);
    return available ? 'available' : 'unavailable';
  } catch (error) {
    if (error instanceof VendorError && error.details.status === 404) return 'available';
    throw error;
  }
}

async function findCase(desk: Desk, key: string): Promise<FoundCase | undefined> {
  try {
    const { cases } = await desk.get('finding a case', withQuery('/cases', { key }), casesAnswer);
    const found = cases.filter((one) => (one.key ?? key) === key);
    const first = found.find(({ status }) => status === 'open') ?? found[0];
    return first && { ref: refOf(first), status: first.status };
  } catch (error) {
    if (error instanceof VendorError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

async function close(desk: Desk, caseId: string, reason: CloseReason): Promise<void> {
  try {
    await desk.post('closing the case', casePath(caseId, 'close'), { reason }, done);
  } catch (error) {
    if (!(error instanceof VendorError && error.kind === 'case-closed')) throw error;
  }
}

function refOf({ id, url }: z.output<typeof caseAnswer>): CaseRef {
  return { id, url };
}
