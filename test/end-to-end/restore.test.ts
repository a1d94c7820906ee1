import { describeWith } from '../support/parts';
import { sqliteMissing, startOnSqlite, type RestorableServer } from '../support/restorable-server';
import { playRestore } from '../support/restore-story';
import { keepQuiet } from '../support/temporal';

describeWith(sqliteMissing(), 'Temporal, restored from a backup', () => {
  let server: RestorableServer;
  beforeAll(async () => {
    keepQuiet();
    server = await startOnSqlite();
  });
  afterAll(() => server.stop());

  test('P29: loses no message that a vendor still has, doubles none, and every conversation is closed in the end', async () => {
    const { written, arrived, outcomes, stillRunning } = await playRestore(server);
    expect(arrived).toEqual(written);
    expect(outcomes).toEqual({
      talking: { conversation: 'CLOSED', case: 'closed' },
      resolved: { conversation: 'CLOSED', case: 'closed' },
      unheardOf: { conversation: 'CLOSED', case: 'closed' },
    });
    expect(stillRunning).toBe(0);
  }, 300_000);
});
