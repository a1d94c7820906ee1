import { CancellationScope, condition, isCancellation, log } from '@temporalio/workflow';
import { route } from '../../domain/routing';
import { failureOf, wordsOf } from './failure';
import type { Handoff } from './handoff';

/** Gathers, routes, and has the contact center take the case; or ends the handoff as `unavailable`. */
export async function open(handoff: Handoff): Promise<void> {
  const { input, settings } = handoff;
  await gather(handoff);
  if (handoff.state.closing) return;

  const { call } = input;
  const conversation = handoff.state.gathered ?? { tags: [], attributes: {} };
  const found = route(settings.routing, pickFacts(call), conversation);
  if (!found) {
    const detail = 'No routing rule holds for this conversation; add one without a condition as the last.';
    return handoff.apply({ type: 'end', outcome: 'unavailable', detail });
  }
  handoff.apply({ type: 'routed', route: found });
  await openCase(handoff);
}

function pickFacts({ queue, language, priority, attributes, customer }: Handoff['input']['call']) {
  return { queue, language: language ?? customer?.language, priority, attributes };
}

/** A conversation that cannot be read is handed over without its past; one that does not exist cannot be. */
async function gather(handoff: Handoff): Promise<void> {
  const { account, conversationId } = handoff.input;
  try {
    const { optional } = handoff.activities;
    const options = { summary: 'History, tags and metadata' };
    const gathered = await optional.gather.executeWithOptions(options, [{ account, conversationId }]);
    handoff.apply({ type: 'gathered', gathered });
  } catch (error) {
    if (failureOf(error) !== 'not-found') {
      log.warn('the conversation could not be read; handing over without its past', { reason: wordsOf(error) });
      return;
    }
    handoff.apply({ type: 'conversation-over' });
    handoff.apply({ type: 'end', outcome: 'unavailable', detail: 'The platform knows no such conversation.' });
  }
}

/**
 * What ends the handoff meanwhile also ends the opening; closing then looks for a case that came of it all the same.
 * But for an agent's close: then there is a case, and we are about to be told of it.
 */
async function openCase(handoff: Handoff): Promise<void> {
  const { input, activities } = handoff;
  const { account, conversationId, call } = input;
  const { key, route: found, gathered } = handoff.state;
  const scope = new CancellationScope();
  void condition(() => handoff.state.closing !== undefined && !handoff.state.caseOver).then(() => scope.cancel());
  try {
    const request = { account, conversationId, key, route: found!, call, gathered };
    const options = { summary: `Open the case in ${found!.contactCenter}` };
    const opened = await scope.run(() => activities.opening.openCase.executeWithOptions(options, [request]));
    handoff.apply({ type: 'opened', case: opened });
  } catch (error) {
    if (isCancellation(error)) return;
    failureOf(error);
    handoff.apply({ type: 'end', outcome: 'unavailable', detail: wordsOf(error) });
  }
}

/** Notes the case on the conversation. Nice to have: messages do not wait for it. */
export async function link(handoff: Handoff): Promise<void> {
  const { input, state, activities, id } = handoff;
  const { account, conversationId } = input;
  const request = {
    account,
    conversationId,
    handoffId: id,
    contactCenter: state.route!.contactCenter,
    case: state.case!,
  };
  try {
    await activities.optional.link.executeWithOptions({ summary: 'Note the case on the conversation' }, [request]);
  } catch (error) {
    failureOf(error);
    log.warn('the case could not be noted on the conversation', { reason: wordsOf(error) });
  }
}
