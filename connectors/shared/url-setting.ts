import { z } from 'zod';

/** A setting that is an http(s) URL. Paths are added to it, so it cannot contain a query or a fragment. */
export function baseUrlSetting() {
  return httpUrlSetting().refine((url) => !/[?#]/.test(url), 'invalid URL; write it without ? and #');
}

/** `localhost:3000` is a URL too, of the protocol `localhost:`; only http and https are meant. */
export function httpUrlSetting() {
  return z.url({ protocol: /^https?$/ });
}

/** A base URL as paths that begin with a slash are added to it. */
export function trimmed(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, '');
}
