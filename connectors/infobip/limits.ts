/** What Infobip publishes, or the safest reading of it. */

/** Characters of a message's content. */
export const TEXT_LIMIT = 4096;

/** Items on one page of a listing. */
export const MAX_PAGE = 999;

/** Nothing is published for most calls: this is the limit of those for which something is. */
export const RATE_LIMIT = { perSecond: 10, burst: 20 };

/** 500 a minute for reading messages: with the burst at its start, no minute has more. */
export const MESSAGE_READ_LIMIT = { perSecond: 8, burst: 20 };

/** Where the API serves what end users sent; `*` stands for one part of a path. */
export const FILE_PATHS = ['/whatsapp/1/senders/*/media/*'];
