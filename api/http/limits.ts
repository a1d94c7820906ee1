/** The largest body anyone may send. */
export const BODY_LIMIT_BYTES = 1024 * 1024;

/** Of bodies beyond this size only a few are read at a time. Those of usual webhooks are far below it. */
export const LARGE_BODY_BYTES = 64 * 1024;
