import type { Track } from './track';
import { wordsOf } from './notes';

/**
 * Notes into cases that are over for this handoff. They have a track of their own: a contact center that the handoff
 * has left, and that may be down, holds up no message. It does hold up other such notes, and at the end the closing of
 * the cases, for as long as a delivery may take.
 */
export const toEarlierCases: Track = {
  name: 'to earlier cases',

  advance: (state) => state,

  next({ toEarlierCases: [head] }, { input, settings }) {
    if (!head) return undefined;
    const { id, contactCenter, caseKey: key, note } = head;
    const request = { account: input.account, contactCenter, key, noteId: `${key}/${id}`, text: wordsOf(note) };
    const within = { ms: settings.timers.deliverWithin };
    return { activity: 'noteEarlierCase', request, summary: 'A note in an earlier case', within };
  },

  settle(state, result) {
    if (!result.ok && result.failure === 'interrupted') return state;
    return { ...state, toEarlierCases: state.toEarlierCases.slice(1) };
  },
};
