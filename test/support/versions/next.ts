import { patched, upsertMemo } from '@temporalio/workflow';
import type { HandoffResult } from '../../../domain/contract';
import type { RunInput } from '../../../workflows/handoff/handoff';
import { handoff as today } from '../../../workflows/handoff/workflow';

export { janitor, watch } from '../../../workflows';

/** A version that does more than today's, behind a patch. */
export async function handoff(input: RunInput): Promise<HandoffResult> {
  if (patched('test-of-the-next-version')) upsertMemo({ begunBy: 'next' });
  return today(input);
}
