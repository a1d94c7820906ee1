import type { z } from 'zod';
import type { MediaKind } from '../../domain/message';
import { VendorError, WebhookError } from './errors';

/** An answer in the shape we know. A success in another shape may or may not have done what was asked: `ambiguous`. */
export function readAnswer<S extends z.ZodType>(
  vendor: string,
  operation: string,
  schema: S,
  data: unknown,
): z.output<S> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  throw new VendorError(
    'ambiguous',
    `${vendor}: ${operation} answered in an unknown shape (${mistakesIn(result.error)})`,
  );
}

/** Where the shape is wrong and by which rule: paths and rules, none of the values. */
export function mistakesIn({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`).join('; ');
}

/** The JSON of a webhook's body. Throws {@link WebhookError} where it is none. */
export function parseJsonBody(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    throw new WebhookError('malformed', 'the body is not JSON');
  }
}

/** `text/plain` of `text/plain; charset=utf-8`; what cannot be read counts as unknown bytes. */
export function mediaType(contentType: unknown): string {
  const type = typeof contentType === 'string' ? contentType.split(';')[0]!.trim().toLowerCase() : '';
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream';
}

/** What people call a file of this media type. */
export function mediaKind(mimeType: string): MediaKind {
  const [family] = mimeType.split('/');
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'document';
}
