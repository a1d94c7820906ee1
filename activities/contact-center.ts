import { activityInfo } from '@temporalio/activity';
import type { CaseMessage, ContactCenter } from '../connectors/contact-center';
import { VendorError } from '../connectors/shared/errors';
import type { Platform } from '../connectors/platform';
import { isFinalFailure } from '../domain/failures';
import type { ConversationRef } from '../domain/ids';
import { PLATFORM } from '../domain/ids';
import type { CaseRef, HandoffCall } from '../domain/handoff';
import type { InboundMessage } from '../domain/message';
import type { Route } from '../domain/routing';
import type { Transcript } from '../domain/transcript';
import { accountOf, contactCenterOf, type ActivityDeps } from './deps';
import { HISTORY_LIMIT, type GatherResult } from './platform';
import { ensureWatched } from './watch/ensure-watched';

interface InCase {
  account: string;
  contactCenter: string;
  case: CaseRef;
}

export interface OpenRequest extends ConversationRef {
  key: string;
  route: Route;
  call: HandoffCall;
  /** Undefined where the platform could not be read at all. */
  gathered?: GatherResult;
}

export interface AppendRequest extends InCase {
  messages: InboundMessage[];
  /** The end user's name. */
  author?: string;
  /** An earlier activity may have appended some of them already. */
  again: boolean;
}

/** What a handoff does on the agents' side. */
export function contactCenterActivities(deps: ActivityDeps) {
  const of = ({ account, contactCenter }: { account: string; contactCenter: string }) =>
    contactCenterOf(deps, account, contactCenter);

  return {
    /**
     * Finds the case by its key, or creates it with all that is known. Both connections are watched from before the
     * case exists, so that nothing an agent does with it can be missed.
     */
    async openCase(request: OpenRequest): Promise<CaseRef> {
      const { account: accountName, route } = request;
      const { platform } = accountOf(deps, accountName);
      const contactCenter = contactCenterOf(deps, accountName, route.contactCenter);
      await ensureWatched(deps, accountName, PLATFORM);
      await ensureWatched(deps, accountName, route.contactCenter);
      const found = await contactCenter.findCase(request.key);
      if (found) return found;
      await requireAgents(contactCenter, route.queue);
      return contactCenter.openCase(opening(request, await transcript(platform, request)));
    },

    /** Appends what the case does not have yet, in order. */
    async append({ messages, author, again, ...ref }: AppendRequest): Promise<void> {
      const contactCenter = of(ref);
      const lookFirst = again || activityInfo().attempt > 1;
      const ids = messages.map(({ id }) => id);
      const there = new Set(lookFirst ? await contactCenter.findAppended(ref.case, ids) : []);
      const missing = messages.filter(({ id }) => !there.has(id));
      if (missing.length === 0) return;
      const { platform } = accountOf(deps, ref.account);
      const ready = await Promise.all(missing.map((message) => caseMessage(platform, message, author)));
      await contactCenter.append(ref.case, ready);
    },

    async note({ noteId, text, ...ref }: InCase & { noteId: string; text: string }): Promise<void> {
      await of(ref).note(ref.case, noteId, text);
    },

    /** Closes the case if there is one: an opening that was cut short may have made it unseen. */
    async closeCase(request: { account: string; contactCenter: string; case?: CaseRef; key: string }): Promise<void> {
      const contactCenter = of(request);
      const ref = request.case ?? (await contactCenter.findCase(request.key));
      if (ref) await contactCenter.close(ref);
    },
  };
}

async function requireAgents(contactCenter: ContactCenter, queue: string | undefined): Promise<void> {
  const availability = await contactCenter.availability?.(queue);
  if (availability !== 'unavailable') return;
  throw new VendorError(
    'no-agents',
    `No agents are there for ${queue ? `the queue '${queue}'` : 'this contact center'}.`,
  );
}

/** What the platform tells, up to where `gather` read it, or else what the bot passed along. */
async function transcript(platform: Platform, { conversationId, call, gathered }: OpenRequest): Promise<Transcript> {
  if (!platform.capabilities.history && call.history?.length) return { entries: call.history };
  if (!gathered) return { entries: call.history ?? [], gap: 'unavailable' };
  const { entries, gap } = await platform.readHistory(conversationId, { limit: HISTORY_LIMIT });
  const known = new Set(gathered.messageIds);
  const told = entries.filter(({ id }) => id === undefined || known.has(id));
  if (told.length === 0 && call.history?.length) return { entries: call.history };
  return { entries: told, gap };
}

function opening({ conversationId, key, route, call, gathered }: OpenRequest, told: Transcript) {
  const customer = { ...gathered?.customer, ...call.customer, id: conversationId };
  const subject = call.summary?.split('\n')[0]?.slice(0, 120) ?? `Chat with ${customer.name ?? 'a customer'}`;
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
    transcript: told,
  };
}

/** With the file's bytes where the platform lets us have them; a link has to do where it does not. */
async function caseMessage(platform: Platform, message: InboundMessage, author?: string): Promise<CaseMessage> {
  const { id, at, content } = message;
  const plain = { id, at, author: message.author ?? author, content };
  if (content.kind !== 'file' || !('url' in content.source) || !platform.download) return plain;
  try {
    return { ...plain, file: await platform.download(content.source.url) };
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    // One file that cannot be had must not hold what was written after it: after two attempts a link has to do.
    if (isFinalFailure(error.kind) || error.kind === 'unauthorized' || activityInfo().attempt > 2) return plain;
    throw error;
  }
}
