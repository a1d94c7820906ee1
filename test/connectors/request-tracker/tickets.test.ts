import type { CaseMessage, CaseOpening } from '../../../connectors/contact-center';
import { KEY, page, startFake, ticket, user, type Answers, type Fake } from './fake-request-tracker';
import { storedFile } from '../../support/files';

const GATEWAY = '/REST/1.0/NoAuth/mail-gateway';
const REF = { id: '1' };

const message = (id: string): CaseMessage => ({
  id,
  at: '2026-11-21T12:00:00Z',
  author: 'Zoë',
  content: { kind: 'text', text: 'private words' },
});

const opening: CaseOpening = {
  key: KEY,
  subject: 'Chat',
  priority: 'URGENT',
  customer: { id: 'c-1', name: 'Zoë' },
  tags: [],
  attributes: {},
  transcript: { entries: [] },
};

describe('Tickets', () => {
  let fake: Fake;
  afterEach(() => fake.stop());

  /** A ticket whose gateway says this. */
  const withGateway = (status: number, body: string): Answers => {
    return ({ path }) => {
      if (path === GATEWAY) return { status, body };
      if (path === '/REST/2.0/ticket/1') return { body: ticket('1') };
      if (path.startsWith('/REST/2.0/user/')) return { body: user('c-1@handoff.invalid', 0, 'Zoë') };
      if (path === '/REST/2.0/ticket/1/correspond') return { status: 201, body: ['Correspondence added'] };
      return undefined;
    };
  };
  const calls = (path: string) => fake.asked.filter((asked) => asked.path === path);

  test.each([
    ['refuses with 200', 200, 'not ok - operation unsuccessful\n'],
    ['is closed to us', 403, 'Forbidden'],
  ])('where the mail gateway %s, the API takes the message, and the gateway is left alone', async (_, status, body) => {
    fake = await startFake(withGateway(status, body));
    await fake.contactCenter.append(REF, [message('m1')]);
    await fake.contactCenter.append(REF, [message('m2')]);
    expect(calls(GATEWAY)).toHaveLength(1);
    const written = calls('/REST/2.0/ticket/1/correspond').map((asked) => JSON.parse(asked.body) as object);
    expect(written).toMatchObject([{ Content: 'Zoë: private words' }, { Content: 'Zoë: private words' }]);
  });

  test.each([
    ['temporary failure - operation unsuccessful', 'unavailable'],
    ['<html>Please log in</html>', 'ambiguous'],
  ])('a gateway that answers 200 and %s has not taken the message', async (body, kind) => {
    fake = await startFake(withGateway(200, body));
    await expect(fake.contactCenter.append(REF, [message('m1')])).rejects.toMatchObject({ kind });
    expect(calls('/REST/2.0/ticket/1/correspond')).toEqual([]);
  });

  test('the gateway gets no credentials', async () => {
    fake = await startFake(withGateway(200, 'ok\n'));
    await fake.contactCenter.append(REF, [message('m1')]);
    expect(calls(GATEWAY)).toHaveLength(1);
    expect(calls(GATEWAY)[0]?.authorization).toBeUndefined();
    expect(calls('/REST/2.0/ticket/1')[0]?.authorization).toMatch(/^Basic /);
  });

  test('an error names neither the password nor what was written', async () => {
    fake = await startFake(() => ({ status: 500, body: 'oops' }), { appendAs: 'service' });
    const error = await fake.contactCenter.append(REF, [message('m1')]).catch((e: unknown) => e);
    expect(error).toMatchObject({ kind: 'ambiguous' });
    expect(JSON.stringify([error, String(error)])).not.toMatch(/very-secret|private words/);
  });

  test('a ticket that lost its key is discarded at once and refused with words that say what to grant', async () => {
    fake = await startFake(({ method, path }) => {
      if (path === '/REST/2.0/users') return page([]);
      if (path === '/REST/2.0/queue/General') return { body: { TicketCustomFields: [{ name: 'HandoffKey' }] } };
      if (path === '/REST/2.0/ticket') return { status: 201, body: { id: '7', type: 'ticket' } };
      if (path !== '/REST/2.0/ticket/7') return undefined;
      return { body: method === 'PUT' ? [`Ticket 7: Status changed`] : ticket('7', { CustomFields: [] }) };
    });
    const attempt = fake.contactCenter.openCase(opening);
    await expect(attempt).rejects.toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(/did not keep its 'HandoffKey'; grant 'handoff' ModifyCustomField/),
    });
    expect(fake.asked.at(-1)).toMatchObject({
      method: 'PUT',
      path: '/REST/2.0/ticket/7',
      body: '{"Status":"rejected"}',
    });
  });

  test('a ticket that does not close although the answer was 200 is an error that quotes the answer', async () => {
    fake = await startFake(({ method }) => ({ body: method === 'PUT' ? ['Permission Denied'] : ticket('1') }));
    const attempt = fake.contactCenter.close(REF, 'conversation-ended');
    await expect(attempt).rejects.toMatchObject({ message: expect.stringContaining('Permission Denied') });
  });

  test('the mail asks Request Tracker not to open a closed ticket for it', async () => {
    fake = await startFake(withGateway(200, 'ok\n'));
    await fake.contactCenter.append(REF, [message('m1')]);
    expect(calls(GATEWAY)[0]?.body).toMatch(/^RT-Control: no-autoopen\r?$/im);
  });

  test('an end user’s name cannot begin another line of the message', async () => {
    fake = await startFake(withGateway(200, 'ok\n'), { appendAs: 'service' });
    await fake.contactCenter.append(REF, [{ ...message('m1'), author: 'Zoë\nAgent' }]);
    const [written] = calls('/REST/2.0/ticket/1/correspond');
    expect(JSON.parse(written!.body)).toMatchObject({ Content: 'Zoë Agent: private words' });
  });

  test('a message is found again by its id, whatever it says and whatever file it carries', async () => {
    let marks: string[] = [];
    fake = await startFake((asked) => {
      if (asked.path !== '/REST/2.0/ticket/1/attachments') return withGateway(200, 'ok\n')(asked);
      const wanted = (JSON.parse(asked.body) as { field: string; value: string }[]).map(({ value }) => value);
      return page(
        marks.filter((mark) => wanted.includes(mark)).map((mark) => ({ [asked.query.get('fields')!]: mark })),
      );
    });
    const file = storedFile({ name: 'photo', mimeType: 'image/png', bytes: Buffer.from('x') });
    await fake.contactCenter.append(REF, [{ ...message('m1'), file }]);
    marks = [/^Message-ID: <([^>]+)>/m.exec(calls(GATEWAY)[0]!.body)![1]!];
    const ids = [...Array.from({ length: 120 }, (_, i) => `other${i}`), 'm1'];
    expect(await fake.contactCenter.findAppended(REF, ids)).toEqual(['m1']);
  });

  test('a case is found with its status, the open one of two first', async () => {
    const both = [ticket('1', { Status: 'rejected' }), ticket('2', { Status: 'stalled' })];
    fake = await startFake(() => page(both));
    expect(await fake.contactCenter.findCase(KEY)).toMatchObject({ ref: { id: '2' }, status: 'open' });
    both.pop();
    expect(await fake.contactCenter.findCase(KEY)).toMatchObject({ ref: { id: '1' }, status: 'closed' });
  });

  test('with a token, that and no password is what we show', async () => {
    fake = await startFake(() => page([]), { password: undefined, token: 'tok' });
    expect(await fake.contactCenter.findCase(KEY)).toBeUndefined();
    expect(fake.asked.map(({ authorization }) => authorization)).toEqual(['token tok']);
  });

  describe('only Request Tracker itself says that something is not there', () => {
    const html = '<html><h1>Not Found</h1></html>';
    const foreign: [string, number, unknown][] = [
      ['a proxy’s 404', 404, html],
      ['a proxy’s 410', 410, { error: 'gone' }],
      ['a proxy’s 403', 403, html],
      ['a proxy’s redirect', 302, html],
      ['a page instead of an answer', 200, html],
      ['an answer of another API', 200, { items: [] }],
      ['an error of Request Tracker’s', 500, { message: 'Internal Server Error' }],
    ];

    test.each(foreign)('finding a case: %s is unavailable', async (_, status, body) => {
      fake = await startFake(() => ({ status, body }));
      await expect(fake.contactCenter.findCase(KEY)).rejects.toMatchObject({ kind: 'unavailable' });
    });

    test.each(foreign)('closing a ticket: %s is unavailable', async (_, status, body) => {
      fake = await startFake(() => ({ status, body }));
      const attempt = fake.contactCenter.close(REF, 'conversation-ended');
      await expect(attempt).rejects.toMatchObject({ kind: 'unavailable' });
    });

    test.each(foreign.slice(0, 4))('writing to a ticket: %s is unavailable', async (_, status, body) => {
      fake = await startFake(() => ({ status, body }), { appendAs: 'service' });
      const attempt = fake.contactCenter.append(REF, [message('m1')]);
      await expect(attempt).rejects.toMatchObject({ kind: 'unavailable' });
    });

    test('its own 404 is not-found, and its own empty list no case', async () => {
      fake = await startFake(({ path }) => (path === '/REST/2.0/tickets' ? page([]) : undefined));
      expect(await fake.contactCenter.findCase(KEY)).toBeUndefined();
      const attempt = fake.contactCenter.close(REF, 'conversation-ended');
      await expect(attempt).rejects.toMatchObject({ kind: 'not-found' });
    });
  });

  test('open cases are listed page by page, up to the limit, by exact keys', async () => {
    const tickets = Array.from({ length: 250 }, (_, i) => {
      const values = [i === 0 ? KEY.toUpperCase() : `handoff:main:c-${i}#0123456789ab.1`];
      return ticket(`${i + 1}`, { CustomFields: [{ name: 'HandoffKey', values }] });
    });
    fake = await startFake(({ query }) => {
      const first = (Number(query.get('page')) - 1) * 100;
      return page(tickets.slice(first, first + 100));
    });
    const listed = await fake.contactCenter.openCases!.list(1_000);
    expect(listed.map(({ ref }) => ref.id)).toEqual(tickets.slice(1).map(({ id }) => `${id}`));
    expect(fake.asked[0]?.query.get('query')).toBe(
      "CF.{HandoffKey} STARTSWITH 'handoff:main:' AND Status != 'resolved' AND Status != 'rejected' AND Status != 'deleted'",
    );
    expect(await fake.contactCenter.openCases!.list(120)).toHaveLength(120);
  });
});
