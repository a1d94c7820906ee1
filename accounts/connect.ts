import type { ContactCenter } from '../connectors/contact-center';
import type { Platform } from '../connectors/platform';
import { connectorFor, contactCenterConnectors, platformConnectors } from '../connectors/registry';
import type { AccountSettings, Settings } from '../settings/schema';

/** One account with its live connections. */
export interface Account {
  name: string;
  platform: Platform;
  contactCenters: Record<string, ContactCenter>;
  settings: AccountSettings;
}

export type Accounts = ReadonlyMap<string, Account>;

export function connect(settings: Settings): Accounts {
  const entries = Object.entries(settings.accounts).map(([name, account]) => {
    const deps = { account: name, processes: settings.worker.processes };
    const { platform } = account;
    const contactCenters = Object.entries(account.contactCenters).map(
      ([key, own]) => [key, connectorFor(contactCenterConnectors, own.kind).create(own, deps)] as const,
    );
    return [
      name,
      {
        name,
        platform: connectorFor(platformConnectors, platform.kind).create(platform, deps),
        contactCenters: Object.fromEntries(contactCenters),
        settings: account,
      },
    ] as const;
  });
  return new Map(entries);
}

/** The account a call names, or the only one there is. */
export function findAccount(accounts: Accounts, name: string | undefined): Account | undefined {
  if (name !== undefined) return accounts.get(name);
  return accounts.size === 1 ? [...accounts.values()][0] : accounts.get('main');
}
