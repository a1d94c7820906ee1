import { LRUCache } from 'lru-cache';
import type { Representative } from '../../domain/message';
import { isInvalidArgument } from './client';
import type { BusinessMessagesSettings } from './settings';

/** How bot and agents are shown. */
export type Looks = Pick<BusinessMessagesSettings, 'bot' | 'defaultAgentAvatar'>;

/** Posts something as a representative. `post` may be called twice, with the same ids. */
export type PostAs = (representative: Representative, post: (shown: object) => Promise<void>) => Promise<void>;

const REMEMBER_REFUSED_MS = 60 * 60 * 1000;

/**
 * A picture that the platform refuses costs no message: what it refuses as invalid is posted once more without the
 * picture, and a picture that made the difference is left out for an hour.
 */
export function createPostAs(looks: Looks): PostAs {
  const refused = new LRUCache<string, true>({ max: 500, ttl: REMEMBER_REFUSED_MS });
  return async (representative, post) => {
    const { avatarImage, ...plain } = shownAs(representative, looks);
    if (avatarImage === undefined || refused.has(avatarImage)) return post(plain);
    try {
      await post({ avatarImage, ...plain });
    } catch (error) {
      if (!isInvalidArgument(error)) throw error;
      await post(plain);
      refused.set(avatarImage, true);
    }
  };
}

/** Who speaks, in the vendor's words. */
function shownAs(representative: Representative, { bot, defaultAgentAvatar }: Looks) {
  if (representative.type === 'BOT') return { ...bot, representativeType: 'BOT' };
  const { name, avatarUrl = defaultAgentAvatar } = representative.agent;
  return { avatarImage: avatarUrl, displayName: name, representativeType: 'HUMAN' };
}
