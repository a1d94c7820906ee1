import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { SECRETS } from '../support/service';
import { keepQuiet, testWorkflowBundle } from '../support/temporal';

const FOLDER = join(__dirname, 'histories');
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');

/** A change that breaks one of these breaks handoffs that are running when it is deployed: use `patched()`. */
describe('workflow code', () => {
  beforeAll(keepQuiet);

  test.each(names)('P30: goes on with a handoff whose history is %s', async (name) => {
    await Worker.runReplayHistory({ workflowBundle: testWorkflowBundle() }, JSON.parse(read(name)));
  });

  test('has a recorded history for every way a handoff can go', () => {
    expect(names.map((name) => name.replace('.json', ''))).toEqual(
      expect.arrayContaining([
        'resolved',
        'ended-by-user',
        'unavailable',
        'cancelled',
        'closed-by-operator',
        'long-text-and-file',
        'continued-first-run',
        'continued-last-run',
        'unanswered',
        'closed-elsewhere',
        'transferred',
      ]),
    );
  });
});

describe('histories', () => {
  test.each(names)('P38: hold no secret: %s', (name) => {
    const text = read(name);
    // Payloads are base64 in a history.
    const payloads = [...text.matchAll(/"data": ?"([A-Za-z0-9+/=]+)"/g)].map(([, data]) =>
      Buffer.from(data!, 'base64').toString('utf8'),
    );
    expect(payloads.length).toBeGreaterThan(5);
    for (const secret of Object.values(SECRETS)) {
      const encoded = Buffer.from(secret).toString('base64').replace(/=+$/, '');
      for (const place of [text, ...payloads]) {
        expect(place).not.toContain(secret);
        expect(place).not.toContain(encoded);
      }
    }
  });
});
