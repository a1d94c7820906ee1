import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../sandbox/launch/ports';
import { textsOf } from '../support/core';
import { eventually } from '../support/eventually';
import { describeWith } from '../support/parts';
import { playRestore } from '../support/restore-story';
import { startService } from '../support/service';
import { keepQuiet } from '../support/temporal';
import {
  startTemporalOnPostgres,
  temporalOnPostgresMissing,
  type TemporalOnPostgres,
} from '../support/temporal-postgres';

/** Building the server takes minutes, the first time. */
const START_MS = 20 * 60_000;

describeWith(temporalOnPostgresMissing(), 'Temporal on PostgreSQL', () => {
  let folder: string;
  let temporal: TemporalOnPostgres;
  beforeAll(async () => {
    keepQuiet();
    folder = mkdtempSync(join(tmpdir(), 'durable-handoff-postgres-'));
    temporal = await startTemporalOnPostgres(folder, await freePort());
  }, START_MS);
  afterAll(async () => {
    await temporal?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('killed in a conversation, loses nothing, doubles nothing and keeps the order', async () => {
    const service = await startService({ temporalAddress: temporal.address });
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const words = ['one', 'two', 'three', 'four', 'five', 'six'];
    for (const [i, text] of words.entries()) {
      service.say(`question ${text}`, from);
      await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: `answer ${text}` });
      if (i === 2) {
        await temporal.kill();
        await temporal.restart();
      }
    }
    const inCase = async () => textsOf(await service.deskCase(conversationId));
    const answers = () => service.received(conversationId).filter((text) => text.startsWith('answer'));
    await eventually('all have arrived', async () => (await inCase()).length >= 6 && answers().length >= 6, {
      withinMs: 120_000,
    });
    expect(await inCase()).toEqual(words.map((text) => `question ${text}`));
    expect(answers()).toEqual(words.map((text) => `answer ${text}`));
    await service.agent(conversationId, 'close');
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'resolved', undelivered: 0 });
    await service.stop();
  }, 300_000);

  test('P29: restored from a dump, loses no message that a vendor still has, and doubles none', async () => {
    const dump = join(folder, 'dump');
    const { written, arrived, outcomes, stillRunning } = await playRestore({
      address: temporal.address,
      backUp: () => temporal.backUp(dump),
      async restore() {
        await temporal.kill();
        await temporal.restore(dump);
        await temporal.restart();
      },
      stop: () => Promise.resolve(),
    });
    expect(arrived).toEqual(written);
    const closed = { conversation: 'CLOSED', case: 'closed' };
    expect({ outcomes, stillRunning }).toEqual({
      outcomes: { talking: closed, resolved: closed, unheardOf: closed },
      stillRunning: 0,
    });
  }, 300_000);
});
