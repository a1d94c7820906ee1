import { settingsActivities } from '../../activities/settings';
import { BUILT_IN_TEXTS } from '../../domain/texts';
import { failureOf, fakeDeps, runActivity } from '../support/activities';

const settings = {
  routing: [{ to: 'desk' }],
  timers: { deliverWithin: 1 },
  endKeywords: ['/end'],
  texts: { defaultLanguage: 'en', languages: { en: { waiting: 'One moment.' } } },
};

describe('the settings that a handoff begins with', () => {
  test('are what it needs of those of its account, and no secret', async () => {
    const { readSettings } = settingsActivities(fakeDeps({ settings: { ...settings, apiKey: 'secret' } }));
    const read = await runActivity(readSettings, { account: 'main' });
    expect(read).toMatchObject({ routing: [{ to: 'desk' }], endKeywords: ['/end'], contactCenters: { desk: {} } });
    expect(read.texts.languages.en).toEqual({ ...BUILT_IN_TEXTS.en, waiting: 'One moment.' });
    expect(JSON.stringify(read)).not.toContain('secret');
  });

  test('of an account that is not there any more cannot be read', async () => {
    const { readSettings } = settingsActivities(fakeDeps());
    const read = async () => readSettings({ account: 'gone' });
    expect(await failureOf(read())).toMatchObject({ type: 'unknown-account' });
  });
});
