import { VendorError } from '../../../connectors/shared/errors';
import { createPresence } from '../../../api/webhooks/presence';
import type { Account } from '../../../accounts/connect';
import type { HandoffView } from '../../../domain/handoff';
import type { Temporal } from '../../../api/temporal/client';
import { CASE_KEY, ID, viewOf } from '../../support/api-fakes';

let shown: unknown[][];
let failures: number;
let view: HandoffView | undefined;
let account: Account;
let presence: ReturnType<typeof createPresence>;

beforeEach(() => {
  shown = [];
  failures = 0;
  view = viewOf({ agent: { name: 'Bo' } });
  const show = (...args: unknown[]) => (shown.push(args), Promise.resolve());
  const contactCenters = { support: { presence: { show } } };
  account = { name: 'main', platform: { presence: { show } }, contactCenters } as unknown as Account;
  presence = createPresence({ view: () => Promise.resolve(view) } as unknown as Temporal, () => void failures++);
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const typing = { caseKey: CASE_KEY, agent: { name: 'Bo' }, type: 'typing' } as const;

test('typing is shown to the other side, once in a while', async () => {
  presence.endUser(account, ID, { type: 'typing' });
  presence.endUser(account, ID, { type: 'typing' });
  presence.agent(account, 'support', ID, typing);
  await settled();
  expect(shown).toEqual([
    [{ id: '7' }, { type: 'typing' }],
    ['c1', typing, { to: 'end-user-address' }],
  ]);
});

test.each([{ state: 'waiting' as const }, { pending: 1 }])(
  'nothing is shown while the handoff is %j',
  async (patch) => {
    view = viewOf(patch);
    presence.endUser(account, ID, { type: 'typing' });
    await settled();
    expect(shown).toEqual([]);
  },
);

test.each([undefined, { name: 'Ana' }])("an agent's typing is not shown while the end user sees %j", async (agent) => {
  view = viewOf({ agent });
  presence.agent(account, 'support', ID, typing);
  await settled();
  expect(shown).toEqual([]);
});

test('a contact center without the case cannot show its agents', async () => {
  presence.agent(account, 'sales', ID, typing);
  await settled();
  expect(shown).toEqual([]);
});

test('what cannot be shown is counted and costs nobody anything', async () => {
  const show = () => Promise.reject(new VendorError('unavailable', 'away'));
  account.contactCenters.support = { presence: { show } } as unknown as Account['contactCenters'][string];
  presence.endUser(account, ID, { type: 'typing' });
  await settled();
  expect(failures).toBe(1);
});
