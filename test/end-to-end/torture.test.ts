import { mutationNamed, MUTATION_OPTIONS } from '../torture/mutations';
import { usualOptions, type TortureOptions } from '../torture/options';
import { SILENT } from '../torture/progress';
import { reportOf } from '../torture/report';
import { runTorture } from '../torture/run';

/**
 * The whole service as processes of its own while everything fails at once: a short run of `npm run torture`. What
 * bounds it is that something moves, not how fast.
 */
const MINUTES = 20 * 60_000;

async function run(change: Partial<TortureOptions>) {
  return runTorture({ ...usualOptions(), stall: 300, ...change }, SILENT);
}

test(
  'nothing is lost, doubled, out of order or stuck while processes, network and vendors fail',
  async () => {
    const outcome = await run({ conversations: 24, messages: 10, kills: 5, seed: 7, duration: 30 });
    expect(outcome.failed === 0 ? '' : reportOf(outcome)).toBe('');
    // Else it would have been no test: the plan's disturbances took place, and its faults hit.
    expect(outcome.disturbed).toBeGreaterThan(4);
    const hits = [...outcome.faults.values()].reduce((sum, times) => sum + times, 0);
    expect(hits).toBeGreaterThan(50);
  },
  MINUTES,
);

test(
  'nothing is lost, doubled, out of order or stuck while no webhook comes at all',
  async () => {
    const outcome = await run({ ...MUTATION_OPTIONS, stall: 300, webhooks: false });
    expect(outcome.failed === 0 ? '' : reportOf(outcome)).toBe('');
  },
  MINUTES,
);

test(
  'a run in which the service has lost a protection fails',
  async () => {
    const { name, options } = mutationNamed('no-dedupe');
    const outcome = await run({ ...MUTATION_OPTIONS, ...options, mutate: name });
    const kinds = outcome.judged.flatMap(({ violations }) => violations.map(({ kind }) => kind));
    expect(kinds).toContain('doubled');
  },
  MINUTES,
);
