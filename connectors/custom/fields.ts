import { z } from 'zod';

/** The values that several parts of the contract share. */

const wellFormed = (value: string) => value.isWellFormed();

export const word = z.string().min(1).max(500).refine(wellFormed, 'is not well-formed Unicode');

export const id = z.string().min(1).max(200).refine(wellFormed, 'is not well-formed Unicode');

/** An id that becomes a segment of a path: a dot or two would change the path. */
export const pathId = id.refine((value) => value !== '.' && value !== '..', "must not be '.' or '..'");

export const webUrl = z.url({ protocol: /^https?$/ }).max(2_000);
