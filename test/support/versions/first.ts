import type { HandoffResult } from '../../../domain/contract';
import type { RunInput } from '../../../workflows/handoff/handoff';
import { handoff as today } from '../../../workflows/handoff/workflow';

export { janitor, watch } from '../../../workflows';

/** A version that cannot begin a new run of a handoff, which therefore waits for another version. */
export async function handoff(input: RunInput): Promise<HandoffResult> {
  if (input.carried) throw new Error('this version cannot go on with what a handoff knows');
  return today(input);
}
