import { condition, log, sleep } from '@temporalio/workflow';
import { failureOf, wordsOf } from './failure';
import type { Handoff } from './handoff';
import { SEEN_LIMIT, type HandoffState } from './state';

/** How long answers that do not get through may hold up the closing. */
const LAST_ANSWERS_MS = 10 * 60_000;
/** How long the agent's side may hold up the closing: until then the end user's bot is paused. */
const LAST_MESSAGES_MS = 30_000;
/** How long the last words may: an end user who misses them is better off than one whom the bot does not hear. */
const GOODBYE_MS = 5 * 60_000;
/** Read back so far behind the beginning: clocks differ, and messages of one moment exist. */
const OVERLAP_MS = 2 * 60_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 60 * 60_000;

/**
 * Ends a handoff on both sides. What agents wrote goes out first; then the goodbye, the conversation, and last the
 * case. The end user's messages are read once more before and after the conversation is closed, since after that
 * nothing can be added: so the last one reaches the agent's side even if no webhook ever told of it.
 */
export async function close(handoff: Handoff): Promise<void> {
  await condition(() => handoff.state.outbound.length === 0, LAST_ANSWERS_MS);
  if (handoff.state.case) await readMissed(handoff);
  await condition(() => handoff.state.inbound.length === 0, LAST_MESSAGES_MS);
  // An agent who has opened the case again meanwhile goes on with it.
  if (!handoff.state.closing) return;

  handoff.apply({ type: 'said-goodbye' });
  await condition(() => handoff.state.outbound.length === 0, GOODBYE_MS);
  if (!handoff.state.conversationOver) {
    await closeConversation(handoff);
    handoff.apply({ type: 'conversation-over' });
    await readMissed(handoff);
  }

  await lanesAreEmpty(handoff);
  if (!handoff.state.caseOver) await closeCase(handoff);
  // What arrived while the case was being closed still gets its deliveryStatus.
  await lanesAreEmpty(handoff);
}

async function lanesAreEmpty(handoff: Handoff): Promise<void> {
  await condition(() => handoff.state.inbound.length === 0 && handoff.state.outbound.length === 0);
}

/** Brings in what no webhook told of. What cannot be read in time is done without. */
async function readMissed(handoff: Handoff): Promise<void> {
  const { id: handoffId, input, settings, activities } = handoff;
  if (!settings.platform.history) return;
  const { account, conversationId } = input;
  const since = new Date(Date.parse(rememberedSince(handoff.state)) - OVERLAP_MS).toISOString();
  try {
    const request = { account, conversationId, handoffId, since };
    const options = { summary: 'Read once more' };
    const messages = await activities.optional.readMissed.executeWithOptions(options, [request]);
    for (const message of messages) handoff.apply({ type: 'inbound', message });
  } catch (error) {
    failureOf(error);
    log.warn('the conversation could not be read once more', { reason: wordsOf(error) });
  }
}

/** What is older than all it remembers, a handoff would take for new. */
function rememberedSince({ seen, startedAt, lastInboundAt }: HandoffState): string {
  return seen.length < SEEN_LIMIT ? startedAt : (lastInboundAt ?? startedAt);
}

/** Tried until it is done, however long: only a conversation that is gone needs no closing. */
async function closeConversation({ input, activities }: Handoff): Promise<void> {
  const { account, conversationId } = input;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      const options = { summary: 'Give the conversation back to the bot' };
      return await activities.closing.closeConversation.executeWithOptions(options, [{ account, conversationId }]);
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'not-found' || failure === 'conversation-closed') return;
      log.error('the platform refuses to close the conversation', { reason: wordsOf(error), tryAgainInMs: pauseMs });
      await sleep(pauseMs, { summary: 'The platform refused; try again then' });
    }
  }
}

/** A case that may not be closed stays in front of its agents, where people see it; a vendor that is down is awaited. */
async function closeCase({ input, state, activities }: Handoff): Promise<void> {
  if (!state.route) return;
  const request = {
    account: input.account,
    contactCenter: state.route.contactCenter,
    case: state.case,
    key: state.key,
  };
  try {
    await activities.closing.closeCase.executeWithOptions({ summary: 'Close the case' }, [request]);
  } catch (error) {
    failureOf(error);
    log.warn('the case could not be closed', { reason: wordsOf(error) });
  }
}
