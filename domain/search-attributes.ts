/** The one place that names search attributes. Nothing personal: they are not encrypted. */
export const SEARCH_ATTRIBUTES = {
  HandoffAccount: 'KEYWORD',
  HandoffState: 'KEYWORD',
  HandoffOutcome: 'KEYWORD',
  HandoffContactCenter: 'KEYWORD',
  HandoffQueue: 'KEYWORD',
  HandoffCase: 'KEYWORD',
  HandoffUndelivered: 'INT',
} as const;
export type SearchAttribute = keyof typeof SEARCH_ATTRIBUTES;

/** Each attribute's name by what it says, so that no other file spells one. */
export const ATTRIBUTE = {
  account: 'HandoffAccount',
  state: 'HandoffState',
  outcome: 'HandoffOutcome',
  contactCenter: 'HandoffContactCenter',
  queue: 'HandoffQueue',
  case: 'HandoffCase',
  undelivered: 'HandoffUndelivered',
} as const satisfies Record<string, SearchAttribute>;

/** Temporal takes 2 KiB a value; a filter never needs that much. */
const MAX_CHARACTERS = 255;

/** A value as it may be stored: cut, and null where there is none. */
export function searchable(value: string | undefined): string | null {
  return value === undefined ? null : value.slice(0, MAX_CHARACTERS).toWellFormed();
}

/** A value in a list filter of Temporal. */
export function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}

/** The command that registers all search attributes, for those who may do what this process may not. */
export function searchAttributesCommand(namespace: string): string {
  const each = Object.entries(SEARCH_ATTRIBUTES).map(
    ([name, type]) => `--name ${name} --type ${type === 'INT' ? 'Int' : 'Keyword'}`,
  );
  return `temporal operator search-attribute create --namespace ${namespace} ${each.join(' ')}`;
}
