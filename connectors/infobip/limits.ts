/** What Infobip publishes, or the safest reading of it. */

/** Characters of a message's content. */
export const TEXT_LIMIT = 4096;

/** Items on one page of a listing. */
export const MAX_PAGE = 999;

/**
 * For all calls together. Assumed: Infobip publishes nothing for most calls of the Conversations API, and the same
 * bucket for the neighboring ones of agent configurations. 429 was seen with 40 calls at a time.
 */
export const RATE_LIMIT = { perSecond: 10, burst: 20 };

/**
 * Published, as `x-throttling-info` in Infobip's OpenAPI document: `GET …/messages` may be called 500 times a minute.
 * With the burst at its start, no minute has more.
 */
export const MESSAGE_READ_LIMIT = { perSecond: 8, burst: 20 };

/** Where the API serves what end users sent; `*` stands for one part of a path. */
export const FILE_PATHS = ['/whatsapp/1/senders/*/media/*'];
