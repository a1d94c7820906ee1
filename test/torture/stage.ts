import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { persistently, type Answer, type Call } from './calls';
import type { FaultInjector } from './fault-injector';
import type { Secrets, Vendors } from './vendors';

/** The run stands still: somebody waits for what does not come. */
export class Stuck extends Error {
  override readonly name = 'Stuck';
}

/** Where the scripts are played: what they act on, and what they wait for. */
export class Stage {
  /** Steps that are done, of all conversations. */
  steps = 0;
  /** All conversations that nothing was broken for are over, and nothing is broken any more. */
  isRepaired = false;
  private readonly abortion = new AbortController();

  constructor(
    readonly vendors: Vendors,
    readonly injector: FaultInjector,
    readonly client: Client,
    readonly secrets: Secrets,
    /** The API as the bot, operators and vendors reach it. */
    readonly apiUrl: string,
    /** The simulators, without the network in between. */
    readonly vendorsUrl: string,
    /** Where the service finds the platform. */
    readonly platformUrl: string,
  ) {
    // One for each script that pauses.
    setMaxListeners(0, this.abortion.signal);
  }

  get progress(): number {
    return this.steps + this.vendors.progress;
  }

  /** Ends the waiting of all scripts. */
  giveUp(reason: Error): void {
    this.abortion.abort(reason);
  }

  get isOver(): boolean {
    return this.abortion.signal.aborted;
  }

  /** Likewise. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      this.abortion.signal.throwIfAborted();
      await sleep(50);
    }
  }

  /** Rejects once the run is stopped. */
  async pause(ms: number): Promise<void> {
    const { signal } = this.abortion;
    if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  /** A call of the service's API. */
  api(path: string, key: string, body?: unknown): Promise<Answer> {
    const headers = { authorization: `Bearer ${key}` };
    return this.call(`${this.apiUrl}${path}`, { method: body === undefined ? 'GET' : 'POST', headers, body });
  }

  call(url: string, call: Call): Promise<Answer> {
    return persistently(url, call, this.abortion.signal);
  }

  isClosed(conversationId: string): boolean {
    return this.vendors.closed.has(conversationId);
  }
}
