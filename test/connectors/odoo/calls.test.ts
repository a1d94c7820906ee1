import { newMessage, newOpening } from '../conformance/suite';
import { startFakeOdoo, type FakeAnswer } from './fake-odoo';

const collision: FakeAnswer = {
  body: { ids: false, messages: [{ type: 'error', message: 'could not serialize access: I said secret' }] },
};
const none = () => ({ body: [] });
const error = (status: number, name: string, message: string): FakeAnswer => ({
  status,
  body: { name, message, debug: 'Traceback: secret' },
});

let fake: Awaited<ReturnType<typeof startFakeOdoo>> | undefined;
afterEach(async () => {
  await fake?.stop();
  fake = undefined;
});

async function failure(promise: Promise<unknown>) {
  return (await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )) as { kind: string; message: string };
}

describe('a load that failed with 200', () => {
  test('is unavailable where transactions got in the way of each other and nothing is there', async () => {
    fake = await startFakeOdoo({ 'res.partner/search_read': none, 'res.partner/load': () => collision });
    const { kind, message } = await failure(fake.contactCenter.openCase(newOpening()));
    expect(kind).toBe('unavailable');
    expect(message).not.toContain('secret');
    expect(fake.calls.map(({ method }) => method)).toEqual([
      'res.partner/search_read',
      'res.partner/load',
      'res.partner/search_read',
    ]);
  });

  test('is refused for good where a field was wrong, and quotes a wrong team alone', async () => {
    const refused = (field: string) => ({ body: { ids: false, messages: [{ message: `no 'secret'`, field }] } });
    let field = 'description';
    fake = await startFakeOdoo({
      'res.partner/search_read': () => ({ body: [{ id: 3 }] }),
      'helpdesk.ticket/load': () => refused(field),
      'helpdesk.ticket/search_read': none,
    });
    const first = await failure(fake.contactCenter.openCase(newOpening()));
    expect(first).toMatchObject({ kind: 'rejected', message: expect.stringContaining('description') });
    expect(first.message).not.toContain('secret');
    field = 'team_id';
    expect(await failure(fake.contactCenter.openCase(newOpening({ queue: 'secret' })))).toMatchObject({
      kind: 'rejected',
      message: expect.stringContaining("no 'secret'"),
    });
  });

  test('says that there is no such case only where a new ticket would lack its name', async () => {
    const missing = { body: { ids: false, messages: [{ message: 'x', field: 'name' }] } };
    let answer: FakeAnswer = missing;
    fake = await startFakeOdoo({ 'helpdesk.ticket/load': () => answer });
    expect(await fake.contactCenter.findCase('handoff:main:c#0123456789ab.1')).toBeUndefined();
    answer = collision;
    expect(await failure(fake.contactCenter.findCase('handoff:main:c#0123456789ab.1'))).toMatchObject({
      kind: 'unavailable',
    });
  });
});

describe('an error', () => {
  test.each([
    [error(404, 'odoo.exceptions.MissingError', 'Record does not exist'), 'not-found'],
    [error(404, 'werkzeug.exceptions.NotFound', "the model 'helpdesk.ticket' does not exist"), 'rejected'],
    [error(403, 'odoo.exceptions.AccessError', 'You are not allowed'), 'unauthorized'],
    [error(500, 'psycopg2.errors.NotNullViolation', 'Failing row contains (secret)'), 'ambiguous'],
    [{ status: 404, body: '<h1>Not Found</h1>' }, 'unavailable'],
    [{ status: 200, body: '<h1>Log in</h1>' }, 'ambiguous'],
  ])('%j while writing is %s, and quotes no trace and no value', async (answer, kind) => {
    fake = await startFakeOdoo({
      'helpdesk.ticket/search_read': () => ({
        body: [{ id: 2, closed: false, closed_date: false, partner_id: false }],
      }),
      'helpdesk.ticket/message_post': () => answer,
    });
    const thrown = await failure(fake.contactCenter.append({ id: '2' }, [newMessage('hello')]));
    expect(thrown.kind).toBe(kind);
    expect(thrown.message).not.toContain('secret');
  });
});

describe('the feed', () => {
  test('asks again for late numbers and leaves out those it has seen', async () => {
    fake = await startFakeOdoo({
      'res.users/context_get': () => ({ body: { uid: 5 } }),
      'mail.message/search_read': none,
    });
    const cursor = JSON.stringify({ settled: 7, seen: [[9, Date.now()]], aside: [] });
    await fake.contactCenter.poll!.read(cursor);
    const { domain } = fake.calls.at(-1)!.args;
    expect(domain).toEqual(
      expect.arrayContaining([
        ['id', '>', 7],
        ['id', 'not in', [9]],
        ['create_uid', '!=', 5],
      ]),
    );
  });
});
