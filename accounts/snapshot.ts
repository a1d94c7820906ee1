import type { HandoffSettings } from '../domain/handoff';
import { BUILT_IN_TEXTS, type Texts, type TextSet } from '../domain/texts';
import type { Account } from './connect';

/** About a second's replay. */
const MAX_HISTORY_EVENTS = 1_500;

/** What a handoff that starts now takes along, so that later changes of the settings do not reach it. No secrets. */
export function snapshot({ platform, contactCenters, settings }: Account): HandoffSettings {
  const { routing, timers, endKeywords, texts } = settings;
  return {
    platform: {
      history: platform.history !== undefined,
      representatives: platform.representatives !== undefined,
      textLimit: platform.textLimit,
    },
    contactCenters: Object.fromEntries(
      Object.entries(contactCenters).map(([name, contactCenter]) => [name, contactCenter.capabilities]),
    ),
    routing,
    timers,
    endKeywords,
    maxHistoryEvents: MAX_HISTORY_EVENTS,
    texts: mergedTexts(texts),
  };
}

/** The built-in texts with an account's own on top, text by text. */
function mergedTexts({ defaultLanguage, languages }: Texts): Texts {
  const tags = new Set([...Object.keys(BUILT_IN_TEXTS), ...Object.keys(languages)]);
  const merged = [...tags].map((tag): [string, TextSet] => [tag, { ...BUILT_IN_TEXTS[tag], ...languages[tag] }]);
  return { defaultLanguage, languages: Object.fromEntries(merged) };
}
