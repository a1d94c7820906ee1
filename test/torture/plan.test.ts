import { usualOptions } from './options';
import { hashOf, makePlan, stepsIn, type Step } from './plan';
import { createRandom } from './random';
import { readTag, textOfBytes } from './texts';

/** What is to happen in a run follows from its seed alone. */

const plan = (change: Partial<ReturnType<typeof usualOptions>> = {}) => makePlan({ ...usualOptions(), ...change });

test('the same seed gives the same plan, another seed another one', () => {
  expect(hashOf(plan({ seed: 7 }))).toBe(hashOf(plan({ seed: 7 })));
  expect(hashOf(plan({ seed: 7 }))).not.toBe(hashOf(plan({ seed: 8 })));
});

test('a conversation stays as it is when there are more of them', () => {
  const [few, many] = [plan({ conversations: 3 }), plan({ conversations: 60 })];
  expect(many.conversations.slice(0, 3)).toEqual(few.conversations);
});

test("each conversation's messages are numbered without a gap, and each script ends once", () => {
  for (const { past, steps } of plan({ conversations: 200, messages: 20 }).conversations) {
    const numbers = (what: 'write' | 'answer') => steps.flatMap((step) => (step.do === what ? [step.n] : []));
    expect(numbers('write')).toEqual(numbers('write').map((_, i) => past + i + 1));
    expect(numbers('answer')).toEqual(numbers('answer').map((_, i) => i + 1));
    expect(steps.filter((step) => step.do === 'end' || step.do === 'cut-opening')).toHaveLength(1);
  }
});

test('all that can happen happens in a large plan', () => {
  const { conversations, disturbances } = plan({ conversations: 1_000, messages: 20, kills: 60 });
  const done = new Set(conversations.flatMap(({ steps }) => steps.map((step) => step.do)));
  const all: Step['do'][] = [
    ...(['write', 'answer', 'hand-off', 'join', 'leave', 'transfer', 'reopen', 'forge', 'break'] as const),
    ...(['await-repair', 'cut-opening', 'end'] as const),
  ];
  expect([...done].sort()).toEqual([...all].sort());
  expect(new Set(conversations.map(({ ending }) => ending)).size).toBe(5);
  const hows = disturbances.map((one) => ('how' in one ? `${one.what} ${one.how}` : one.what));
  expect(new Set(hows).size).toBe(7);
  const answers = new Set(conversations.flatMap(({ apiFaults }) => apiFaults.map(({ fault }) => String(fault.answer))));
  expect(answers.size).toBe(12);
});

test('what is broken for one conversation is repaired before it ends', () => {
  const broken = plan({ conversations: 300 }).conversations.filter(({ steps }) =>
    steps.some((one) => one.do === 'break'),
  );
  expect(broken.length).toBeGreaterThan(3);
  for (const { steps } of broken) {
    const order = steps.map((step) => step.do);
    expect(order.lastIndexOf('await-repair')).toBeGreaterThan(order.lastIndexOf('break'));
    expect(order.indexOf('end')).toBeGreaterThan(order.lastIndexOf('await-repair'));
  }
});

test('disturbances come in order, spread over the whole run', () => {
  const { disturbances } = plan({ kills: 30 });
  const at = disturbances.map((one) => one.at);
  expect(at).toEqual([...at].sort((a, b) => a - b));
  expect(Math.min(...at)).toBeLessThan(0.2);
  expect(Math.max(...at)).toBeGreaterThan(0.8);
  expect(disturbances.filter(({ what }) => what === 'process')).toHaveLength(30);
  expect(stepsIn(plan())).toBeGreaterThan(300);
});

test.each([20, 41, 4_096, 65_536, 65_537])(
  'a text of %i bytes has exactly these, and its label in each part',
  (bytes) => {
    const tag = { conversation: 'c12', direction: 'outbound' as const, n: 5 };
    const text = textOfBytes(tag, bytes);
    expect(Buffer.byteLength(text)).toBe(bytes);
    expect(text).toBe(text.trim());
    for (let i = 0; i + 200 <= text.length; i += 3_000) expect(readTag(text.slice(i, i + 200))).toEqual(tag);
  },
);

test('chance is the same for the same seed, and its parts do not depend on each other', () => {
  const [one, other] = [createRandom(1), createRandom(1)];
  other.next();
  expect(one.fork('a').next()).toBe(other.fork('a').next());
  const picks = Array.from({ length: 1_000 }, () => one.weighted({ often: 9, rarely: 1, never: 0 }));
  expect(picks.filter((pick) => pick === 'rarely').length).toBeGreaterThan(50);
  expect(picks).not.toContain('never');
  expect(one.shuffled([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
});
