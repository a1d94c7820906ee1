import { ApplicationFailure } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { Account, Accounts } from '../accounts/connect';
import type { Shares } from '../accounts/shares';
import type { ContactCenter } from '../connectors/contact-center';
import type { BorderLimits } from '../domain/bounded-event';

export interface ActivityDeps {
  accounts: Accounts;
  client: Client;
  /** How much of the process each connection may use. */
  shares: Shares;
  limits: BorderLimits;
  /** A link that lets the end user's side fetch a file an agent sent; undefined where nobody outside can reach us. */
  fileUrl(file: { account: string; contactCenter: string; file: string; name: string }): Promise<string | undefined>;
}

/** Not final: the account may be back in the settings with the next deployment, and the handoff waits for it. */
export function accountOf({ accounts }: Pick<ActivityDeps, 'accounts'>, name: string): Account {
  const account = accounts.get(name);
  if (account) return account;
  throw ApplicationFailure.create({ type: 'unknown-account', message: `The settings have no account '${name}'.` });
}

export function contactCenterOf(deps: Pick<ActivityDeps, 'accounts'>, account: string, name: string): ContactCenter {
  const contactCenter = accountOf(deps, account).contactCenters[name];
  if (contactCenter) return contactCenter;
  const message = `The settings of account '${account}' have no contact center '${name}'.`;
  throw ApplicationFailure.create({ type: 'unknown-contact-center', message });
}
