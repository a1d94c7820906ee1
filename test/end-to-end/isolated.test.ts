import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../support/eventually';
import { SECRETS, startService, type Service } from '../support/service';

/** One bad conversation, and one vendor that hangs, hold up nobody else. */
describe('P28, P32: what fails or hangs stops nothing else', () => {
  const hanging = createServer(() => undefined);
  let service: Service;

  beforeAll(async () => {
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
    service = await startService({
      contactCenters: { stuck: { kind: 'custom', baseUrl, secret: SECRETS.desk } },
      account: { routing: [{ when: { queue: 'stuck' }, to: 'stuck' }, { to: 'desk' }] },
    });
  });
  afterAll(async () => {
    hanging.closeAllConnections();
    hanging.close();
    await service.stop();
  });
  afterEach(() => {
    service.infobip.faults.clear();
    service.desk.faults.clear();
  });

  const inCase = async (conversationId: string) =>
    (await service.deskCase(conversationId)).messages.flatMap(({ from, content }) =>
      from === 'end-user' && 'text' in content ? [content.text] : [],
    );
  const arrives = (conversationId: string, text: string, withinMs: number) =>
    eventually(`'${text}' arrives`, async () => (await inCase(conversationId)).includes(text), { withinMs });

  async function waiting() {
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    return { conversationId, from };
  }

  test('conversations that cannot be read do not hide the lost webhook of another, and are read again later', async () => {
    const [failing, unknown, healthy] = [await waiting(), await waiting(), await waiting()];
    const always = (conversationId: string, answer: 404 | 500) => ({
      ...{ match: `GET .*/${conversationId}/messages$`, answer, times: 'always' as const, delayMs: 0 },
    });
    const faults = [always(failing.conversationId, 500), always(unknown.conversationId, 404)];
    service.infobip.faults.set({ webhooks: { delivery: 'never', delayMs: 0 }, api: { next: faults } });
    const hits = () => service.infobip.journal.since(0).filter(({ kind }) => kind === 'fault').length;
    await eventually('both were tried and tried again', () => hits() >= 4);

    service.say('Lost on the way', healthy.from);
    await arrives(healthy.conversationId, 'Lost on the way', 15_000);
    for (const { conversationId } of [failing, unknown]) {
      expect(await service.view(conversationId)).toMatchObject({ state: 'waiting' });
    }

    for (const { from } of [failing, unknown]) service.say('Found at last', from);
    service.infobip.faults.set({ api: { next: [] } });
    for (const { conversationId } of [failing, unknown]) await arrives(conversationId, 'Found at last', 60_000);
  });

  test('handoffs whose desk hangs leave the relaying and the opening of others as they are', async () => {
    const healthy = await waiting();
    const connections = () =>
      new Promise<number>((resolve, reject) =>
        hanging.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      );
    // More than the activities that a worker runs at once by default.
    const stuck: { conversationId: string }[] = [];
    for (let i = 0; i < 120; i += 10) {
      stuck.push(...(await Promise.all(Array.from({ length: 10 }, () => service.handOff({ queue: 'stuck' })))));
    }
    await eventually('many calls hang', async () => (await connections()) >= 35);

    service.say('Still there?', healthy.from);
    await arrives(healthy.conversationId, 'Still there?', 15_000);
    await service.agent(healthy.conversationId, 'messages', { agent: { name: 'Ana' }, text: 'I am' });
    const received = () => service.received(healthy.conversationId).includes('I am');
    await eventually('the answer arrives', received, { withinMs: 15_000 });
    await waiting();
    expect(await service.view(stuck.at(-1)!.conversationId)).toMatchObject({ state: 'opening' });
  });
});
