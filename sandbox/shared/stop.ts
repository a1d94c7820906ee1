import { setMaxListeners } from 'node:events';

/** Stops everything that waits for it, however much that is: Node.js warns of more than ten otherwise. */
export function createStop(): AbortController {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  return stop;
}
