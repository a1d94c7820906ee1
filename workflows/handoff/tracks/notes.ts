import type { UndeliverableReason } from '../../../domain/message';
import { LATE_NOTE } from '../../../domain/late-note';
import { readableTime } from '../../../domain/transcript';
import type { Note } from '../state';

const REASONS: Record<UndeliverableReason, string> = {
  'too-large': 'too large for the channel',
  unsupported: 'the channel does not support this kind of content',
  rejected: 'the channel refused it',
  'conversation-closed': 'the conversation is closed',
  'case-closed': 'the conversation has moved to another case',
  'no-case': 'there is no case',
  'timed-out': 'the channel could not be reached in time',
  'backlog-full': 'too many messages are pending',
};

/** What agents read. */
export function wordsOf(note: Note): string {
  switch (note.type) {
    case 'undeliverable': {
      const what = note.count > 1 ? `${note.count} messages since` : 'the message of';
      return `Not delivered to the end user (${REASONS[note.reason]}): ${what} ${readableTime(note.at)}.`;
    }
    case 'transfer-failed':
      return `The transfer to ${note.to} failed${note.detail ? `: ${note.detail}` : '.'}`;
    case 'conversation-over':
      return LATE_NOTE;
  }
}
