import { newKey, newMessage, newOpening, type Suite } from './suite';

/** What failures mean: 60 to 69. Each with a connection of its own, since one failure may hold back all its calls. */
export function errorRequirements({ underTest, requirement }: Suite): void {
  const connect = () => underTest().connect();

  requirement(60, 'too many calls: rate-limited, with the time to wait', async () => {
    const ref = await connect().openCase(newOpening());
    await underTest().nextCall({ status: 429, retryAfterSeconds: 7 });
    await expect(connect().append(ref, [newMessage('hello')])).rejects.toMatchObject({
      kind: 'rate-limited',
      details: { retryAfterMs: 7_000 },
    });
  });

  requirement(61, 'out of service: unavailable, and nothing has happened', async () => {
    const ref = await connect().openCase(newOpening());
    const message = newMessage('hello');
    await underTest().nextCall({ status: 503 });
    await expect(connect().append(ref, [message])).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(connect().findAppended(ref, [message.id])).resolves.toEqual([]);
  });

  requirement(62, 'an error while writing: ambiguous, so that the next attempt reads back first', async () => {
    const ref = await connect().openCase(newOpening());
    await underTest().nextCall({ status: 500 });
    await expect(connect().append(ref, [newMessage('hello')])).rejects.toMatchObject({ kind: 'ambiguous' });
  });

  requirement(
    63,
    "a proxy's page is never taken for the contact center's word that there is no such case",
    async () => {
      const key = newKey();
      const ref = await connect().openCase(newOpening({ key }));
      await underTest().nextCall('proxy-page');
      await expect(connect().findCase(key)).rejects.toMatchObject({ kind: 'unavailable' });
      await underTest().nextCall('proxy-page');
      const refusal: unknown = await connect()
        .append(ref, [newMessage('hello')])
        .catch((error: unknown) => error);
      expect(['unavailable', 'ambiguous']).toContain((refusal as { kind?: string }).kind);
    },
  );

  requirement(64, 'a lost answer to opening is ambiguous, and the case is found by its key', async () => {
    const key = newKey();
    await underTest().nextCall('lost-answer');
    await expect(connect().openCase(newOpening({ key }))).rejects.toMatchObject({ kind: 'ambiguous' });
    await expect(connect().findCase(key)).resolves.toMatchObject({ status: 'open' });
    await expect(underTest().countCases(key)).resolves.toBe(1);
  });
}
