import { PATCHES, type Patch } from '../../workflows/patches';

/** What an operator or the next developer would miss in an entry of the registry. */
function missing(patches: Record<string, Patch>, today: Date): string[] {
  return Object.entries(patches).flatMap(([id, { date, reason }]) => {
    const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : NaN;
    return [
      ...(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id) ? [] : [`${id}: its id is not in lower case with hyphens`]),
      ...(time <= today.getTime() ? [] : [`${id}: no date that has been`]),
      ...(reason.trim().split(/\s+/).length >= 4 ? [] : [`${id}: no reason`]),
    ];
  });
}

describe('the patches of workflow code', () => {
  test('have a date and a reason each', () => {
    expect(missing(PATCHES, new Date())).toEqual([]);
  });

  test('would be found without', () => {
    const today = new Date('2026-11-26');
    const reason = 'A survey follows the goodbye.';
    expect(missing({ 'survey-after-goodbye': { date: '2026-11-26', reason } }, today)).toEqual([]);
    expect(missing({ 'no-date': { date: '', reason } }, today)).toHaveLength(1);
    expect(missing({ 'not-a-day': { date: '2026-13-45', reason } }, today)).toHaveLength(1);
    expect(missing({ tomorrow: { date: '2026-11-27', reason } }, today)).toHaveLength(1);
    expect(missing({ 'no-reason': { date: '2026-11-26', reason: ' ' } }, today)).toHaveLength(1);
    expect(missing({ 'Not An Id': { date: '2026-11-26', reason } }, today)).toHaveLength(1);
  });
});
