import type { Account } from './connect';

/** Where the API takes the webhooks of an account's platform. */
export function webhookUrl({ name, platform }: Account, publicUrl: string): string {
  const secret = platform.urlSecret === undefined ? '' : `/${platform.urlSecret}`;
  return `${publicUrl.replace(/\/+$/, '')}/webhooks/${name}/platform${secret}`;
}
