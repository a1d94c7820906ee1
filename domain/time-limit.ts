export interface TimeLimit {
  /** Aborts when the time is over, or with one of the other signals. */
  signal: AbortSignal;
  /** Whether it was the time. */
  isReached(): boolean;
  /** From now on only the other signals end the work. */
  lift(): void;
  /** To be called when the work is over, however it ended. */
  clear(): void;
}

/**
 * A limit for one piece of work. Use it instead of `AbortSignal.any([other, AbortSignal.timeout(ms)])`, which Node may
 * collect as garbage before it aborts, so that the work never ends (https://github.com/nodejs/node/issues/57736).
 *
 * @param ms how long the work may take, in milliseconds
 * @param others what else ends the work
 */
export function startTimeLimit(ms: number, others: readonly (AbortSignal | undefined)[] = []): TimeLimit {
  const controller = new AbortController();
  let isReached = false;
  const timer = setTimeout(() => {
    isReached = !controller.signal.aborted;
    controller.abort(new DOMException('The time limit is reached', 'TimeoutError'));
  }, ms);
  const given = others.filter((one) => one !== undefined);
  const stop = () => controller.abort(given.find((one) => one.aborted)?.reason);
  for (const one of given) one.addEventListener('abort', stop, { once: true });
  if (given.some((one) => one.aborted)) stop();
  return {
    signal: controller.signal,
    isReached: () => isReached,
    lift: () => clearTimeout(timer),
    clear() {
      clearTimeout(timer);
      for (const one of given) one.removeEventListener('abort', stop);
    },
  };
}
