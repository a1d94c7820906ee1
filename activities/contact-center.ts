import { LRUCache } from 'lru-cache';
import type { CaseOpening, ContactCenter } from '../connectors/contact-center';
import type { Platform } from '../connectors/platform';
import { VendorError } from '../connectors/shared/errors';
import type { CaseRef } from '../domain/handoff';
import { handoffIdOfCaseKey, PLATFORM } from '../domain/ids';
import { boundedId } from '../domain/bounded-event';
import type { Transcript } from '../domain/transcript';
import { appendMessages } from './append';
import { accountOf, contactCenterOf, type ActivityDeps } from './deps';
import { HISTORY_LIMIT } from './platform';
import type { Progress } from './progress';
import type {
  AppendRequest,
  CheckCaseAnswer,
  CheckCaseRequest,
  CloseCaseRequest,
  NoteEarlierCaseRequest,
  NoteRequest,
  OpenRequest,
} from './requests';
import { activity, type Kind } from './run';
import { confirmed } from './verify';
import { ensureWatched } from './watch/ensure-watched';

const RELAY: Kind<{ account: string; contactCenter: string }> = {
  priority: 'relay',
  connection: ({ contactCenter }) => contactCenter,
};
const OPEN: Kind<OpenRequest, CaseRef> = {
  priority: 'open',
  connection: ({ route }) => route.contactCenter,
  logged: (_request, ref) => (ref ? { case: ref.id } : {}),
};
const APPEND: Kind<AppendRequest, { appended: string[] }> = {
  ...RELAY,
  logged: ({ case: ref, messages }) => ({ case: ref.id, messageIds: messages.map(({ id }) => id) }),
};
const NOTE = { ...RELAY, logged: ({ case: ref }: NoteRequest) => ({ case: ref.id }) };
const CLOSE = { ...RELAY, logged: ({ case: ref }: CloseCaseRequest) => (ref ? { case: ref.id } : {}) };

/** A handoff is registered again after this time, while its case is still being opened. */
const WATCHED_FOR_MS = 5 * 60_000;

/** What a handoff does on the agents' side. */
export function contactCenterActivities(deps: ActivityDeps) {
  const of = ({ account, contactCenter }: { account: string; contactCenter: string }) =>
    contactCenterOf(deps, account, contactCenter);

  // Each signal costs the watch's history, and every attempt of an opening comes here. The janitor knows the rest.
  const watched = new LRUCache<string, true>({ max: 20_000, ttl: WATCHED_FOR_MS });
  const watchOnce = async ({ account, key }: OpenRequest, connection: string) => {
    // By the case's key: the next handoff of the conversation has to be registered anew.
    const mark = `${connection} ${key}`;
    if (watched.has(mark)) return;
    await ensureWatched(deps, account, connection, handoffIdOfCaseKey(key)!);
    watched.set(mark, true);
  };

  return {
    /**
     * Finds the case by its key, or creates it with all that is known. Both connections are watched from before the
     * case exists, so that nothing an agent does with it can be missed.
     */
    openCase: activity(deps, OPEN, async (request: OpenRequest): Promise<CaseRef> => {
      const { account, route, key } = request;
      const { platform } = accountOf(deps, account);
      const contactCenter = of({ account, contactCenter: route.contactCenter });
      await watchOnce(request, PLATFORM);
      await watchOnce(request, route.contactCenter);
      const found = await contactCenter.findCase(key);
      if (found) return found.ref;
      await requireAgents(contactCenter, route.queue);
      return contactCenter.openCase(opening(request, await transcript(platform, request)));
    }),

    append: activity(deps, APPEND, appendMessages(deps)),

    note: activity(deps, NOTE, async (request: NoteRequest): Promise<void> => {
      await of(request).note(request.case, request.noteId, request.text);
    }),

    /** Into a case that the handoff knows by its key alone; nothing where there is none. */
    noteEarlierCase: activity(deps, RELAY, async (request: NoteEarlierCaseRequest, progress): Promise<void> => {
      const found = await caseOf(of(request), request.key, progress);
      if (found !== 'not-found') await of(request).note(found.ref, request.noteId, request.text);
    }),

    /** What the contact center itself says of the case that carries this key. */
    checkCase: activity(deps, RELAY, async (request: CheckCaseRequest, progress): Promise<CheckCaseAnswer> => {
      const found = await caseOf(of(request), request.key, progress);
      return found === 'not-found' ? { status: found } : found;
    }),

    /** Closes the case if there is one: an opening that was cut short may have made it unseen. */
    closeCase: activity(deps, CLOSE, async (request: CloseCaseRequest): Promise<void> => {
      const contactCenter = of(request);
      const ref = request.case ?? (await contactCenter.findCase(request.key))?.ref;
      if (ref) await contactCenter.close(ref, request.reason);
    }),
  };
}

/** The contact center's own word: "not found" counts only when it is said several times. */
function caseOf(contactCenter: ContactCenter, key: string, progress: Progress) {
  return confirmed(progress, async () => {
    const found = await contactCenter.findCase(key);
    if (!found) throw new VendorError('not-found', 'The contact center has no case with this key');
    return found;
  });
}

async function requireAgents(contactCenter: ContactCenter, queue: string | undefined): Promise<void> {
  if ((await contactCenter.availability?.(queue)) !== 'unavailable') return;
  const where = queue ? `the queue '${queue}'` : 'this contact center';
  throw new VendorError('no-agents', `No agents are available for ${where}`);
}

/** What the platform holds, up to where `gather` read it, or else what the bot passed along and what was relayed. */
async function transcript(platform: Platform, request: OpenRequest): Promise<Transcript> {
  const { conversationId, call, gathered, relayed } = request;
  const passed = [...(call.history ?? []), ...relayed];
  if (!platform.history) return passed.length > 0 ? { entries: passed } : { entries: [], gap: 'not-readable' };
  if (!gathered) return { entries: passed, gap: 'unavailable' };
  const { entries, gap } = await platform.history.read(conversationId, { limit: HISTORY_LIMIT });
  const known = new Set(gathered.messageIds);
  const read = entries.filter(({ id }) => id === undefined || known.has(boundedId(id)));
  return read.length === 0 && passed.length > 0 ? { entries: passed } : { entries: read, gap };
}

function opening(request: OpenRequest, entries: Transcript): CaseOpening {
  const { conversationId, key, route, call, gathered } = request;
  const customer = { ...gathered?.customer, ...call.customer, id: conversationId };
  const subject = call.summary?.split('\n')[0]?.slice(0, 120) ?? `Chat with ${customer.name ?? 'an end user'}`;
  return {
    key,
    subject,
    summary: call.summary,
    queue: route.queue,
    language: route.language,
    priority: route.priority,
    customer: { ...customer, language: customer.language ?? route.language },
    tags: gathered?.tags ?? [],
    attributes: { ...gathered?.attributes, ...call.attributes },
    transcript: entries,
  };
}
