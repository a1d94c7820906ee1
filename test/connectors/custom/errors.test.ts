import type { ContactCenter } from '../../../connectors/contact-center';
import type { VendorError } from '../../../connectors/shared/errors';
import { connect, KEY, newSecret, opening, startRig, textMessage, withAnswer, type Rig } from './support';

let rig: Rig;
let contactCenter: ContactCenter;

beforeAll(async () => {
  rig = await startRig();
});
// A connection of its own for each: a 429 holds back all calls of one.
beforeEach(() => {
  contactCenter = connect({ baseUrl: rig.baseUrl, timeoutMs: 300 });
});
afterEach(() => rig.desk.reset());
afterAll(() => rig.stop());

const fault = (fault: object) => rig.control('faults', { api: { next: [fault] } });
const PROXY_PAGE = '<html><body><h1>404 Not Found</h1></body></html>';

describe("a proxy's page before the desk", () => {
  const calls: [string, (desk: ContactCenter) => Promise<unknown>][] = [
    ['finding a case', (desk) => desk.findCase(KEY)],
    ['opening a case', (desk) => desk.openCase(opening())],
    ['appending', (desk) => desk.append({ id: '1' }, [textMessage('m-1')])],
    ['reading back', (desk) => desk.findAppended({ id: '1' }, ['m-1'])],
    ['a note', (desk) => desk.note({ id: '1' }, 'n-1', 'a note')],
    ['closing', (desk) => desk.close({ id: '1' }, 'conversation-ended')],
    ['reading the feed', (desk) => desk.poll!.read('0')],
    ['starting a feed', (desk) => desk.poll!.start()],
    ['listing open cases', (desk) => desk.openCases!.list(10)],
    ["an agent's messages", (desk) => desk.agentMessages!.read({ id: '1' }, ['e-1'])],
  ];

  test.each(calls)('with 404 it is never "no such case": %s', async (_what, call) => {
    await withAnswer(404, PROXY_PAGE, (desk) => expect(call(desk)).rejects.toMatchObject({ kind: 'unavailable' }));
  });

  test.each(calls)('with 200 it is never a success: %s', async (_what, call) => {
    await withAnswer(200, PROXY_PAGE, (desk) => expect(call(desk)).rejects.toMatchObject({ kind: 'ambiguous' }));
  });

  test.each([400, 404, 405, 409, 410, 415, 422])('with %i it is never final', async (status) => {
    await withAnswer(status, PROXY_PAGE, (desk) =>
      expect(desk.append({ id: '1' }, [textMessage('m-1')])).rejects.toMatchObject({ kind: 'unavailable' }),
    );
  });

  test('it is named, with what to check', async () => {
    await withAnswer(404, PROXY_PAGE, (desk) =>
      expect(desk.findCase(KEY)).rejects.toThrow(/finding a case answered 404: .*check baseUrl and the proxies/),
    );
  });

  test("JSON of a gateway's is not the desk's word either", async () => {
    const body = { message: 'no Route matched with those values' };
    await withAnswer(404, body, (desk) => expect(desk.findCase(KEY)).rejects.toMatchObject({ kind: 'unavailable' }));
  });

  test('a proxy that takes no request of this size is final: it will never take it', async () => {
    await withAnswer(413, PROXY_PAGE, (desk) =>
      expect(desk.append({ id: '1' }, [textMessage('m-1')])).rejects.toMatchObject({ kind: 'too-large' }),
    );
  });
});

describe('what the desk itself says', () => {
  test('no case: by an empty list, or by the code not-found', async () => {
    await withAnswer(200, { cases: [] }, (desk) => expect(desk.findCase(KEY)).resolves.toBeUndefined());
    const problem = { title: 'Not Found', status: 404, code: 'not-found' };
    await withAnswer(404, problem, (desk) => expect(desk.findCase(KEY)).resolves.toBeUndefined());
    await expect(contactCenter.append({ id: 'nope' }, [textMessage('m-1')])).rejects.toMatchObject({
      kind: 'not-found',
    });
  });

  test.each([
    [409, { code: 'case-closed', detail: 'closed' }, 'case-closed'],
    [413, {}, 'too-large'],
    [422, { code: 'unsupported' }, 'unsupported'],
    [409, { code: 'no-agents' }, 'no-agents'],
    [400, { code: 'something else' }, 'rejected'],
    [400, { code: 'conversation-closed' }, 'rejected'],
    [401, { code: 'rejected' }, 'unauthorized'],
    [403, {}, 'unauthorized'],
    [429, { code: 'rejected' }, 'rate-limited'],
    [503, { code: 'rejected' }, 'unavailable'],
    [500, { code: 'rejected' }, 'ambiguous'],
  ])('a refusal with %i and %j is %s', async (status, body, kind) => {
    await withAnswer(status, body, (desk) =>
      expect(desk.append({ id: '1' }, [textMessage('m-1', 'a secret')])).rejects.toMatchObject({ kind }),
    );
  });

  test('no error holds a secret or the text of a message', async () => {
    const secret = newSecret();
    const stranger = connect({ baseUrl: rig.baseUrl, secret });
    const error: unknown = await stranger
      .append({ id: '1' }, [textMessage('m-1', 'my PIN is 1234')])
      .catch((error: unknown) => error);
    expect(error).toMatchObject({ kind: 'unauthorized' });
    const { message, stack, details } = error as VendorError;
    expect(JSON.stringify([message, stack, details])).not.toMatch(/1234|whsec_/);
    expect(message).not.toContain(secret.slice('whsec_'.length));
  });
});

describe('"200, but failed"', () => {
  const bodies = [
    { error: 'database is down', cases: [], ids: [], id: '1' },
    { errors: [{ message: 'no' }], cases: [], ids: [], id: '1' },
    { success: false, cases: [], ids: [], id: '1' },
    { ok: false, cases: [], ids: [], id: '1' },
    { status: 500, title: 'Internal Server Error', cases: [], ids: [], id: '1' },
  ];

  test.each(bodies)('a body that says so is a failure: %j', async (body) => {
    await withAnswer(200, body, async (desk) => {
      const ambiguous = { kind: 'ambiguous' };
      await expect(desk.append({ id: '1' }, [textMessage('m-1')])).rejects.toMatchObject(ambiguous);
      await expect(desk.note({ id: '1' }, 'n-1', 'a note')).rejects.toMatchObject(ambiguous);
      await expect(desk.close({ id: '1' }, 'unavailable')).rejects.toMatchObject(ambiguous);
      await expect(desk.findCase(KEY)).rejects.toMatchObject(ambiguous);
      await expect(desk.openCase(opening())).rejects.toMatchObject(ambiguous);
      await expect(desk.findAppended({ id: '1' }, ['m-1'])).rejects.toMatchObject(ambiguous);
    });
  });

  test.each([{}, { ok: true }, { status: 'appended' }])('any other JSON is a success: %j', async (body) => {
    await withAnswer(200, body, (desk) =>
      expect(desk.append({ id: '1' }, [textMessage('m-1')])).resolves.toBeUndefined(),
    );
  });

  test('a success that names no case is not one', async () => {
    await withAnswer(200, { ok: true }, (desk) =>
      expect(desk.openCase(opening())).rejects.toMatchObject({ kind: 'ambiguous' }),
    );
  });
});

describe('the faults of the simulator', () => {
  test.each([
    [{ answer: 429, retryAfter: 7 }, 'rate-limited', { status: 429, retryAfterMs: 7_000 }],
    [{ answer: 429 }, 'rate-limited', { status: 429 }],
    [{ answer: 503, retryAfter: 2 }, 'unavailable', { retryAfterMs: 2_000 }],
    [{ answer: 500 }, 'ambiguous', { status: 500 }],
    [{ answer: 'slow', delayMs: 1_000 }, 'ambiguous', {}],
    [{ answer: 'hang' }, 'ambiguous', {}],
    [{ answer: 'timeout-after-effect' }, 'ambiguous', {}],
    [{ answer: 'proxy-404' }, 'unavailable', { status: 404 }],
    [{ answer: 'failed-200' }, 'ambiguous', {}],
  ])('%j is %s', async (asked, kind, details) => {
    await fault(asked);
    await expect(contactCenter.openCase(opening())).rejects.toMatchObject({ kind, details });
  });

  test('one case can fail always, and the others go on', async () => {
    const [bad, good] = await Promise.all(
      ['1', '2'].map((n) => contactCenter.openCase(opening({ key: `handoff:main:c-${n}#0123456789ab.1` }))),
    );
    await fault({ match: `/cases/${bad!.id}/`, answer: 500, times: 'always' });
    for (const id of ['m-1', 'm-2']) {
      await expect(contactCenter.append(bad!, [textMessage(id)])).rejects.toMatchObject({ kind: 'ambiguous' });
      await contactCenter.append(good!, [textMessage(id)]);
    }
  });

  test('one case can hang, and the others go on', async () => {
    const [bad, good] = await Promise.all(
      ['1', '2'].map((n) => contactCenter.openCase(opening({ key: `handoff:main:c-${n}#0123456789ab.1` }))),
    );
    await fault({ match: `/cases/${bad!.id}/`, answer: 'hang', times: 'always' });
    const hanging = contactCenter.append(bad!, [textMessage('m-1')]);
    await contactCenter.append(good!, [textMessage('m-1')]);
    await expect(hanging).rejects.toMatchObject({ kind: 'ambiguous' });
  });

  test('a desk that is not there is unavailable', async () => {
    const nowhere = connect({ baseUrl: 'http://127.0.0.1:1' });
    await expect(nowhere.findCase(KEY)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
