import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { createHandoffActivities, createWatchActivities } from '../../activities';
import type { ActivityDeps } from '../../activities/deps';
import { SIGNALS, UPDATES, WORKFLOWS } from '../../domain/contract';
import { OUTCOMES } from '../../domain/handoff';
import { SECRETS } from '../support/service';
import { keepQuiet, testWorkflowBundle } from '../support/temporal';
import { shownBy, type Shown } from './coverage';
import { withEmptyTasks, type History } from './empty-tasks';

const FOLDER = join(__dirname, 'histories');
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

/** A change that breaks one of these breaks handoffs that are running when it is deployed: add a patch. */
describe('workflow code', () => {
  beforeAll(keepQuiet);

  test.each(names)('P30: goes on with a handoff whose history is %s', async (name) => {
    await Worker.runReplayHistory({ workflowBundle: testWorkflowBundle() }, JSON.parse(read(name)));
  });

  test('P30: makes the same calls where empty workflow tasks are in between, which are replayed together', async () => {
    let added = 0;
    const failed: string[] = [];
    // When a run continues as new depends on its length, which the added tasks change.
    for (const name of names.filter((one) => !one.startsWith('continued'))) {
      const history = withEmptyTasks(JSON.parse(read(name)) as History);
      added += history.added;
      const replay = Worker.runReplayHistory({ workflowBundle: testWorkflowBundle() }, { events: history.events });
      await replay.catch((error: Error) => failed.push(`${name}: ${error.message}`));
    }
    expect(failed).toEqual([]);
    expect(added).toBeGreaterThan(50);
  });

  describe('has recorded histories of', () => {
    const shown = names.map((name) => shownBy(read(name)));
    /** Those that no history shows. */
    function lacking(expected: readonly string[], of: (one: Shown) => string[] | string | undefined): string[] {
      const found = shown.flatMap((one) => of(one) ?? []);
      expect(expected.length).toBeGreaterThan(0);
      return expected.filter((one) => !found.includes(one));
    }

    test('every workflow', () => {
      expect(lacking(Object.values(WORKFLOWS), ({ workflow }) => workflow)).toEqual([]);
    });

    test('every outcome', () => {
      expect(lacking(OUTCOMES, ({ outcome }) => outcome)).toEqual([]);
    });

    test('every activity', () => {
      const deps = {} as ActivityDeps;
      const activities = Object.keys({ ...createHandoffActivities(deps), ...createWatchActivities(deps) });
      expect(lacking(activities, (one) => one.activities)).toEqual([]);
    });

    test('every signal and every update', () => {
      expect(lacking(Object.values(SIGNALS), ({ signals }) => signals)).toEqual([]);
      expect(lacking(Object.values(UPDATES), ({ updates }) => updates)).toEqual([]);
    });

    test('a new run in every phase, and of the next handoff of a conversation', () => {
      const phases = ['opening', 'active', 'transferring', 'closing', 'next handoff'];
      expect(lacking(phases, ({ continuedWhile }) => continuedWhile)).toEqual([]);
    });

    test.each([
      ['an end in every phase', ['ended-while-opening', 'ended-by-user', 'ended-while-transferring']],
      ['both ways a transfer can go', ['transferred', 'transfer-failed']],
      ['answers of vendors that were verified', ['not-found-falsely', 'closed-before-opened']],
      ['a platform that announces agents and cannot be read', ['representatives']],
      ['an agent’s side that is not waited for', ['agents-side-not-waited-for']],
      ['messages that were split or undeliverable', ['long-text-and-file', 'retried']],
      ['a cancelled workflow', ['cancelled']],
    ])('%s', (_, paths) => {
      expect(names.map((name) => name.replace('.json', ''))).toEqual(expect.arrayContaining(paths));
    });
  });
});

describe('histories', () => {
  test.each(names)('P38: hold no secret: %s', (name) => {
    const text = read(name);
    // Payloads are base64 in a history.
    const payloads = [...text.matchAll(/"data": ?"([A-Za-z0-9+/=]+)"/g)].map(([, data]) =>
      Buffer.from(data!, 'base64').toString('utf8'),
    );
    expect(payloads.length).toBeGreaterThan(0);
    for (const secret of Object.values(SECRETS)) {
      const encoded = Buffer.from(secret).toString('base64').replace(/=+$/, '');
      for (const place of [text, ...payloads]) {
        expect(place).not.toContain(secret);
        expect(place).not.toContain(encoded);
      }
    }
  });
});
