/** A webhook as it came in: the bytes first, since signatures are over them. */
export interface WebhookRequest {
  rawBody: Buffer;
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>;
}
