import type { HandoffSettings } from '../../domain/handoff';
import type { Call } from './calls';

/** What decisions are made by beside the state. */
export interface Context {
  settings: HandoffSettings;
  /** ISO 8601. */
  now: string;
  /** What the conversation's handoff before this one has seen of its cases. */
  seenBefore?: readonly string[];
  /** The calls that are being made at this moment. */
  underWay?: () => readonly Call[];
}
