import { createHmac, hkdfSync } from 'node:crypto';
import { extname } from 'node:path/posix';
import { decodeJwt, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { AccountSettings, Settings } from '../settings/schema';

/** A file an agent sent, as a link to it names it. `file` is the contact center connector's own name for it. */
const claimsSchema = z.object({
  account: z.string(),
  contactCenter: z.string(),
  file: z.string(),
  name: z.string().optional(),
});
export type MediaClaims = z.output<typeof claimsSchema>;

const ALGORITHM = 'HS256';

/** How long a link to a file is valid: long enough for a chat window that is opened again days later. */
const LIFETIME_S = 7 * 24 * 3600;

/**
 * The key that signs an account's links. It is derived from the platform's settings, which hold a secret in any
 * case, so that there is no other to configure; when any of those settings changes, the links expire.
 */
export function mediaKey({ platform }: Pick<AccountSettings, 'platform'>): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', JSON.stringify(platform), '', 'durable-handoff media', 32));
}

const NAME_CHARACTERS = 32;

/**
 * The last segment of a link: the same in every link to the same file, so that a platform's copy of a message can be
 * recognized by it, and no hint of what the file is but its extension.
 */
export function fileNameInUrl(key: Uint8Array, { account, contactCenter, file, name }: MediaClaims): string {
  const digest = createHmac('sha256', key)
    .update(JSON.stringify([account, contactCenter, file]))
    .digest('hex');
  const extension = /^\.[a-z0-9]{1,8}$/i.exec(extname(name ?? ''))?.[0].toLowerCase() ?? '';
  return `${digest.slice(0, NAME_CHARACTERS)}${extension}`;
}

/** A link by which the end user's side fetches an agent's file; it expires after a week. */
export async function mediaUrl(
  publicUrl: string,
  key: Uint8Array,
  claims: MediaClaims,
  now = Date.now(),
): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  const token = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: ALGORITHM })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFETIME_S)
    .sign(key);
  return `${publicUrl.replace(/\/+$/, '')}/media/${token}/${fileNameInUrl(key, claims)}`;
}

/** Makes the links of all accounts; undefined where the settings have no `api.publicUrl` or no such account. */
export function fileLinks({ api, accounts }: Settings) {
  return async (claims: MediaClaims): Promise<string | undefined> => {
    const own = Object.hasOwn(accounts, claims.account) ? accounts[claims.account] : undefined;
    return api.publicUrl && own ? mediaUrl(api.publicUrl, mediaKey(own), claims) : undefined;
  };
}

/**
 * What a link's token names, or undefined where it is forged, damaged or expired.
 * @param keyOf the key of an account; undefined where there is no such account.
 */
export async function verifyMediaToken(
  token: string,
  keyOf: (account: string) => Uint8Array | undefined,
  now = Date.now(),
): Promise<MediaClaims | undefined> {
  try {
    const key = keyOf(claimsSchema.parse(decodeJwt(token)).account);
    if (!key) return undefined;
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      currentDate: new Date(now),
      requiredClaims: ['exp'],
    });
    return claimsSchema.parse(payload);
  } catch {
    return undefined;
  }
}
