import { z } from 'zod';
import { EVENT_TYPES } from './model';

/** What the API takes, by its published reference. Characters are counted as Unicode has them. */

const atMost = (characters: number) =>
  z.string().refine((text) => [...text].length <= characters, `has more than ${characters} characters`);
const upTo = <S extends z.ZodType>(count: number, item: S) =>
  z.array(item).refine((items) => items.length <= count, `has more than ${count} entries`);

const representative = z.strictObject({
  representativeType: z.enum(['BOT', 'HUMAN']),
  displayName: z.string().min(1).optional(),
  avatarImage: z.url().optional(),
});
const contentInfo = z.strictObject({
  fileUrl: z.url(),
  thumbnailUrl: z.url().optional(),
  altText: z.string().optional(),
  forceRefresh: z.boolean().optional(),
});
const label = atMost(25).min(1);
const reply = z.strictObject({ reply: z.strictObject({ text: label, postbackData: z.string().optional() }) });
const action = z.strictObject({ action: z.looseObject({ text: label }) });
const liveAgentRequest = z.strictObject({ liveAgentRequest: z.strictObject({}) });
const authenticationRequest = z.strictObject({ authenticationRequest: z.looseObject({}) });

const card = z.strictObject({
  title: atMost(200).optional(),
  description: atMost(2000).optional(),
  media: z.strictObject({ height: z.string().optional(), contentInfo }).optional(),
  /** A card offers no live agent: that is a message's suggestion. */
  suggestions: upTo(4, z.union([reply, action, authenticationRequest])).optional(),
});
const carousel = z.strictObject({ cardWidth: z.string().optional(), cardContents: z.array(card).min(2).max(10) });

export const messageSchema = z
  .strictObject({
    messageId: z.string().min(1),
    representative,
    text: atMost(3072).min(1).optional(),
    image: z.strictObject({ contentInfo }).optional(),
    richCard: z
      .union([
        z.strictObject({ standaloneCard: z.strictObject({ cardContent: card }) }),
        z.strictObject({ carouselCard: carousel }),
      ])
      .optional(),
    suggestions: upTo(13, z.union([reply, action, liveAgentRequest, authenticationRequest])).optional(),
    fallback: atMost(3072).optional(),
    containsRichText: z.boolean().optional(),
    name: z.string().optional(),
  })
  .refine(
    ({ text, image, richCard }) => [text, image, richCard].filter((content) => content !== undefined).length === 1,
    { error: 'give one of text, image and richCard' },
  );
export const eventSchema = z.strictObject({
  eventType: z.enum(EVENT_TYPES),
  representative,
  name: z.string().optional(),
});
export const receiptSchema = z.strictObject({ receiptType: z.literal('READ'), name: z.string().optional() });
export const surveySchema = z.strictObject({ name: z.string().optional() });
export const idSchema = z.string().min(1);
