import type { ContactCenter } from '../connectors/contact-center';
import type { Platform } from '../connectors/platform';
import { connectorFor, contactCenterConnectors, platformConnectors } from '../connectors/registry';
import type { HandoffSettings } from '../domain/handoff';
import { BUILT_IN_TEXTS, type Texts, type TextSet } from '../domain/texts';
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
    const deps = { account: name, publicUrl: settings.api.publicUrl };
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

/** About a second's replay. */
const MAX_HISTORY_EVENTS = 1_500;

/** What a handoff that starts now takes along, so that later changes of the settings do not reach it. No secrets. */
export function snapshot(account: Account): HandoffSettings {
  const { routing, timers, endKeywords, texts } = account.settings;
  return {
    platform: account.platform.capabilities,
    contactCenters: Object.fromEntries(
      Object.entries(account.contactCenters).map(([name, contactCenter]) => [name, contactCenter.capabilities]),
    ),
    routing,
    timers,
    endKeywords,
    maxHistoryEvents: MAX_HISTORY_EVENTS,
    texts: mergedTexts(texts),
  };
}

/** The built-in texts with an account's own on top, moment by moment. */
function mergedTexts({ defaultLanguage, languages }: Texts): Texts {
  const tags = new Set([...Object.keys(BUILT_IN_TEXTS), ...Object.keys(languages)]);
  const merged = [...tags].map((tag): [string, TextSet] => [tag, { ...BUILT_IN_TEXTS[tag], ...languages[tag] }]);
  return { defaultLanguage, languages: Object.fromEntries(merged) };
}

/** The account a call names, or the only one there is. */
export function findAccount(accounts: Accounts, name: string | undefined): Account | undefined {
  if (name !== undefined) return accounts.get(name);
  return accounts.size === 1 ? [...accounts.values()][0] : accounts.get('main');
}
