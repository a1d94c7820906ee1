import ms, { type StringValue } from 'ms';
import { z } from 'zod';

/** Of an account, a contact center or a key. */
export const name = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'invalid name; use 1 to 40 letters, digits, - and _');

/** A record whose keys are names. A wrong name does not hide the mistakes in what it names. */
export function named<V extends z.ZodType>(value: V, what: string, reserved?: string) {
  const check = (all: Record<string, unknown>, ctx: z.RefinementCtx) => {
    const issue = (message: string, path: string[] = []) => ctx.addIssue({ code: 'custom', path, message });
    const keys = Object.keys(all);
    if (keys.length === 0) issue(`is empty; name at least one ${what}`);
    for (const key of keys) {
      const result = name.safeParse(key);
      if (!result.success) issue(result.error.issues[0]!.message, [key]);
      if (key === reserved) issue(`'${reserved}' is reserved; choose another name`, [key]);
    }
  };
  return z.record(z.string(), value).superRefine(check, { when: ({ value: all }) => isRecord(all) });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const DURATION = 'write a number with its unit, such as 30s, 15m, 24h or 3d';

/** `15m`, `24h`, `2 days`: a duration, in milliseconds once parsed. A bare number could mean anything. */
export function duration(least: StringValue, most: StringValue = '365d') {
  return z.string(`invalid duration; ${DURATION}`).transform((text, ctx) => {
    const invalid = (message: string) => {
      ctx.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    const value = /[a-z]$/i.test(text) ? (ms(text as StringValue) as number | undefined) : undefined;
    if (value === undefined || Number.isNaN(value)) {
      return invalid(`invalid duration '${text}'; ${DURATION}`);
    }
    if (value < ms(least) || value > ms(most)) {
      return invalid(`invalid duration '${text}'; use ${least} to ${most}`);
    }
    return value;
  });
}

const INVALID_PORT = 'invalid port; write a number from 0 to 65535';

/** A number, also one that comes from the environment as a text. */
export const port = z
  .union(
    [
      z.int(),
      z
        .string()
        .regex(/^\d{1,5}$/)
        .transform(Number),
    ],
    INVALID_PORT,
  )
  .refine((value) => value >= 0 && value <= 65_535, INVALID_PORT);
