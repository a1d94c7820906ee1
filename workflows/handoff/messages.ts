import { ApplicationFailure } from '@temporalio/common';
import { condition, defineQuery, defineSignal, defineUpdate, log, setHandler } from '@temporalio/workflow';
import {
  QUERIES,
  SIGNALS,
  UPDATES,
  type CloseRequest,
  type RetryRequest,
  type TransferRequest,
} from '../../domain/contract';
import { isHandoffEvent } from '../../domain/events';
import type { HandoffView, StartState } from '../../domain/handoff';
import { MAX_CASES } from '../../domain/ids';
import type { Direction } from '../../domain/message';
import type { Handoff } from './handoff';
import { currentCase, ending, openingCase, type HandoffState } from './state';
import { startStateOf, viewOf } from './view';

const deliver = defineSignal<[unknown]>(SIGNALS.deliver);
const view = defineQuery<HandoffView>(QUERIES.view);
const unseen = defineQuery<string[], [string[]]>(QUERIES.unseen);
const ownsCase = defineQuery<boolean, [string]>(QUERIES.ownsCase);
const awaitState = defineUpdate<StartState>(UPDATES.awaitState);
const close = defineUpdate<HandoffView, [CloseRequest]>(UPDATES.close);
const retry = defineUpdate<HandoffView, [RetryRequest]>(UPDATES.retry);
const transfer = defineUpdate<HandoffView, [TransferRequest]>(UPDATES.transfer);

/** Registers all that can be sent to a handoff and asked of it, before its first await. */
export function handleMessages(handoff: Handoff): void {
  handleSignalsAndQueries(handoff);
  const answer = () => viewOf(handoff.input, handoff.state);
  setHandler(
    close,
    ({ by }) => {
      handoff.apply({ type: 'end', outcome: by === 'end-user' ? 'ended-by-user' : 'cancelled' });
      return answer();
    },
    { validator: (_request) => refuseWhen(ending(handoff.state) !== undefined, 'The handoff is already closing.') },
  );
  setHandler(
    retry,
    ({ messageId, direction }) => {
      handoff.apply({ type: 'retry', messageId, direction: direction ?? directionsOf(handoff.state, messageId)[0]! });
      return answer();
    },
    { validator: (request: RetryRequest) => validateRetry(handoff.state, request) },
  );
  setHandler(
    transfer,
    (request) => {
      handoff.apply({ type: 'transfer', ...request });
      return answer();
    },
    { validator: (request: TransferRequest) => validateTransfer(handoff, request) },
  );
}

function handleSignalsAndQueries(handoff: Handoff): void {
  setHandler(deliver, (events) => {
    const all = Array.isArray(events) ? (events as unknown[]) : [events];
    const valid = all.filter(isHandoffEvent);
    if (valid.length < all.length) log.warn('dropped malformed events', { dropped: all.length - valid.length });
    for (const event of valid) handoff.apply(event);
  });
  setHandler(view, () => viewOf(handoff.input, handoff.state));
  setHandler(unseen, (keys) => {
    const seen = new Set(handoff.state.seen);
    return keys.filter((key) => !seen.has(key));
  });
  setHandler(ownsCase, (key) => handoff.state.cases.some((one) => one.key === key));
  setHandler(awaitState, async () => {
    await condition(() => handoff.isEnding || startStateOf(handoff.state) !== undefined);
    return startStateOf(handoff.state) ?? 'opening';
  });
}

/** The directions in which this message is undeliverable and still kept. */
function directionsOf(state: HandoffState, messageId: string): Direction[] {
  return state.undeliverable.filter(({ item }) => item.message.id === messageId).map(({ direction }) => direction);
}

function validateRetry(state: HandoffState, { messageId, direction }: RetryRequest): void {
  refuseWhen(ending(state) !== undefined, 'The handoff is closing.');
  const directions = directionsOf(state, messageId);
  const isKnown = direction === undefined ? directions.length > 0 : directions.includes(direction);
  refuseWhen(!isKnown, 'There is no undeliverable message with this id that can be tried again.');
  const isUnclear = direction === undefined && new Set(directions).size > 1;
  refuseWhen(isUnclear, 'Both directions have an undeliverable message with this id: name the direction.');
}

function validateTransfer({ state, settings }: Handoff, { to, queue }: TransferRequest): void {
  refuseWhen(ending(state) !== undefined, 'The handoff is closing.');
  refuseWhen(state.phase.name === 'opening', 'The handoff has no case yet that could be transferred.');
  refuseWhen(openingCase(state) !== undefined, 'The handoff is already being transferred.');
  const known = Object.keys(settings.contactCenters);
  refuseWhen(!known.includes(to), `The handoff has no contact center '${to}'; known: ${known.join(', ')}.`);
  const current = currentCase(state);
  const isThere = current?.contactCenter === to && (queue === undefined || queue === current.queue);
  refuseWhen(isThere, 'The handoff is already there.');
  refuseWhen(state.cases.length >= MAX_CASES, `The handoff has had ${MAX_CASES} cases, which is the limit.`);
}

function refuseWhen(isRefused: boolean, why: string): void {
  if (isRefused) throw ApplicationFailure.create({ message: why, type: 'refused', nonRetryable: true });
}
