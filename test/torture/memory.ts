import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Child } from '../../sandbox/launch/child';

const KIB_IN_MIB = 1024;

/** The resident memory of these children together, in MiB; undefined where the system has no `ps`. */
export async function residentMiB(children: Child[]): Promise<number | undefined> {
  const listed = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,rss=']).catch(() => undefined);
  if (!listed) return undefined;
  const processes = listed.stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  // The largest of each group: beside it there is only what guards it.
  const largest = ({ pid }: Child) =>
    Math.max(0, ...processes.flatMap(([group, kib]) => (group === pid ? [kib!] : [])));
  return Math.round(children.reduce((sum, child) => sum + largest(child), 0) / KIB_IN_MIB);
}

/** Of all processes of a kind, after the first minute and at the end. */
export type Memory = Record<'api' | 'worker', { before: number; after: number }>;
