import { z } from 'zod';
import { VendorError } from '../shared/errors';
import type { Client } from './client';

const answer = z.object({
  ids: z.union([z.array(z.int()), z.literal(false)]),
  messages: z.array(z.object({ message: z.string(), field: z.string().optional() })),
});

type Values = Record<string, string | number>;

/** `load` answers 200 also where it failed: then there are messages and no ids, and nothing has been done. */
interface Refusal {
  messages: z.output<typeof answer>['messages'];
}

/**
 * Creates the record with this external id, or writes these fields again where it is there. Answers with its number.
 * @param findOther the record as another one created it, who was faster at the same moment
 */
export async function load(
  client: Client,
  model: string,
  externalId: string,
  values: Values,
  findOther: () => Promise<number | undefined>,
): Promise<number> {
  const operation = `writing ${model}`;
  const { ids, messages } = await client.call(operation, `${model}/load`, rowOf(externalId, values), answer);
  if (ids && ids[0] !== undefined) return ids[0];
  const found = await findOther();
  if (found !== undefined) return found;
  throw failureOf(operation, { messages });
}

/** The record with this external id. To load nothing but the id changes nothing, and creates nothing: a name is required. */
export async function findLoaded(client: Client, model: string, externalId: string): Promise<number | undefined> {
  const operation = `finding ${model}`;
  const { ids, messages } = await client.read(operation, `${model}/load`, rowOf(externalId, {}), answer);
  if (ids && ids[0] !== undefined) return ids[0];
  if (messages.some(({ field }) => field === 'name')) return undefined;
  throw new VendorError('unavailable', failureOf(operation, { messages }).message);
}

function rowOf(externalId: string, values: Values) {
  return { fields: ['id', ...Object.keys(values)], data: [[externalId, ...Object.values(values).map(String)]] };
}

/** A field that is named was wrong. Anything else, such as transactions in each other's way, passes. */
function failureOf(operation: string, { messages }: Refusal): VendorError {
  const fields = messages.flatMap(({ field }) => field ?? []);
  if (fields.length === 0) return new VendorError('unavailable', `Odoo: ${operation} failed with 200`);
  // Only a team's name is quoted: messages about other fields may hold what the end user said.
  const team = messages.find(({ field }) => field === 'team_id')?.message.split('\n', 1)[0];
  const why = team ? `: ${team.slice(0, 200)}` : '';
  return new VendorError('rejected', `Odoo: ${operation} refused the field ${fields.join(', ')}${why}`);
}
