import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child';

/** A child has ended that should still run. The message contains its last lines and the path of its log. */
export class ChildEnded extends Error {
  override readonly name = 'ChildEnded';

  constructor({ name, logFile, lastLines }: Child, code: number) {
    const lines = lastLines().map((line) => `  ${line}`);
    super(
      [`The ${name} ended by itself (exit code ${code}). Its last lines:`, ...lines, `All of them: ${logFile}`].join(
        '\n',
      ),
    );
  }
}

/** Rejects with {@link ChildEnded} when the first of them ends; never resolves. */
export async function firstToEnd(children: Child[]): Promise<never> {
  const { child, code } = await Promise.race(children.map(async (child) => ({ child, code: await child.ended })));
  throw new ChildEnded(child, code);
}

/**
 * Calls `probe` until it resolves with true; a probe that throws counts as false.
 * Throws {@link ChildEnded}, or an error with the child's last lines after `timeoutMs`.
 */
export async function untilReady(child: Child, probe: () => Promise<boolean>, timeoutMs = 120_000): Promise<void> {
  const polling = { over: false };
  const ready = async () => {
    while (!polling.over && !(await probe().catch(() => false))) await sleep(100);
  };
  const late = async () => {
    await sleep(timeoutMs, undefined, { ref: false });
    const lines = child.lastLines().map((line) => `\n  ${line}`);
    throw new Error(`The ${child.name} was not ready within ${timeoutMs / 1000} s. Its last lines:${lines.join('')}`);
  };
  await Promise.race([ready(), late(), firstToEnd([child])]).finally(() => (polling.over = true));
}
