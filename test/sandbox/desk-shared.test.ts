import { Faults, faultsSchema } from '../../sandbox/shared/faults';
import { Journal } from '../../sandbox/shared/journal';

describe('the journal', () => {
  test('it keeps the latest entries, and its numbers go on', () => {
    const journal = new Journal({ capacity: 2 });
    for (const path of ['/a', '/b', '/c']) journal.append('call', { path });
    expect(journal.since()).toMatchObject([
      { seq: 2, kind: 'call', path: '/b' },
      { seq: 3, kind: 'call', path: '/c' },
    ]);
    journal.clear();
    journal.append('call');
    expect(journal.since(3)).toMatchObject([{ seq: 4 }]);
  });
});

describe('faults of an API', () => {
  test('that a program plans come before those that were set, and so do those of webhooks', () => {
    const faults = asked([{ answer: 500 }]);
    const planned = { answer: 503, times: 1, delayMs: 0 } as const;
    faults.plan = {
      api: ({ path }) => (path === '/planned' ? planned : undefined),
      webhook: (about) => (about === 'case-1' ? { delivery: 'twice', delayMs: 0 } : undefined),
    };
    expect(['/planned', '/', '/'].map((path) => faults.take({ method: 'GET', path })?.answer)).toEqual([
      503,
      500,
      undefined,
    ]);
    expect(['case-1', 'case-2'].map((about) => faults.webhookFor(about).delivery)).toEqual(['twice', 'normal']);
  });

  const asked = (next: object[]) => {
    const faults = new Faults();
    faults.set(faultsSchema.parse({ api: { next } }));
    return faults;
  };

  test('a fault hits as often as it was asked for, and only the calls it names', () => {
    const faults = asked([{ match: '^POST /cases$', answer: 503, times: 2 }]);
    const hits = ['/cases', '/cases/1', '/cases', '/cases'].map(
      (path) => faults.take({ method: 'POST', path })?.answer,
    );
    expect(hits).toEqual([503, undefined, 503, undefined]);
    expect(asked([{ match: '^POST', answer: 500 }]).take({ method: 'GET', path: '/cases' })).toBeUndefined();
  });

  test('a fault that is asked for always goes on until the faults are cleared', () => {
    const faults = asked([{ match: '/cases/4711/', answer: 500, times: 'always' }]);
    const hits = () =>
      ['/cases/4711/messages', '/cases/4712/messages'].map((path) => faults.take({ method: 'POST', path })?.answer);
    for (let i = 0; i < 3; i++) expect(hits()).toEqual([500, undefined]);
    faults.clear();
    expect(hits()).toEqual([undefined, undefined]);
  });

  test('faults come in the order in which they were asked for', () => {
    const faults = asked([{ answer: 429 }, { answer: 500 }]);
    expect([1, 2, 3].map(() => faults.take({ method: 'GET', path: '/' })?.answer)).toEqual([429, 500, undefined]);
  });

  test('webhooks that are set leave the faults of the API alone', () => {
    const faults = asked([{ answer: 500 }]);
    faults.set(faultsSchema.parse({ webhooks: { delivery: 'never' } }));
    expect(faults.webhooks.delivery).toBe('never');
    expect(faults.take({ method: 'GET', path: '/' })).toMatchObject({ answer: 500 });
  });
});
