import { createHash } from 'node:crypto';

/** The namespace of all our external ids, as a module's name is for its own records. */
const MODULE = 'durable_handoff';
const CASE = `${MODULE}.case_`;

/**
 * The external id of a case's ticket: it is unique in Odoo's database, so it makes creation idempotent. It may not hold
 * spaces, and a key may hold anything: each byte beyond letters, digits and hyphens becomes `_` and two hex digits.
 */
export function externalIdOf(key: string): string {
  const bytes = [...Buffer.from(key, 'utf8')];
  const encoded = bytes.map((byte) => {
    const sign = String.fromCharCode(byte);
    return /[A-Za-z0-9-]/.test(sign) ? sign : `_${byte.toString(16).padStart(2, '0')}`;
  });
  return CASE + encoded.join('');
}

/** The key of a ticket with this external id; undefined where it is none of ours. */
export function keyOf(externalId: string): string | undefined {
  if (!externalId.startsWith(CASE)) return undefined;
  const encoded = externalId.slice(CASE.length);
  if (!/^(?:[A-Za-z0-9-]|_[0-9a-f]{2})+$/.test(encoded)) return undefined;
  const latin1 = encoded.replace(/_(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const key = Buffer.from(latin1, 'latin1').toString('utf8');
  return externalIdOf(key) === externalId ? key : undefined;
}

/** The external id of an end user's contact. */
export function contactIdOf(account: string, endUser: string): string {
  return `${MODULE}.contact_${digest(`${account}:${endUser}`)}`;
}

/** A Message-ID, by which a message of a ticket is found again. Odoo keeps it and shows it to nobody. */
export function messageMark(what: 'message' | 'note', id: string): string {
  return `<${what}.${digest(id)}@durable-handoff>`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
