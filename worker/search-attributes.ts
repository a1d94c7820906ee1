import { isGrpcServiceError, type ConnectionLike } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { SEARCH_ATTRIBUTES, searchAttributesCommand } from '../domain/search-attributes';

/** gRPC status of a search attribute that someone else has added in the meantime. */
const ALREADY_EXISTS = 6;

/** Search attributes as the server's API encodes them. */
export function encodedSearchAttributes(attributes: Partial<typeof SEARCH_ATTRIBUTES>) {
  const encoded = Object.entries(attributes).map(([name, type]) => [
    name,
    encodeSearchAttributeIndexedValueType(type)!,
  ]);
  return Object.fromEntries(encoded) as Record<string, number>;
}

/** Adds the search attributes that the namespace lacks. Throws an error that names the command where it may not. */
export async function registerSearchAttributes(
  { operatorService }: Pick<ConnectionLike, 'operatorService'>,
  namespace: string,
): Promise<void> {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in customAttributes));
    if (missing.length === 0) return;
    const searchAttributes = encodedSearchAttributes(Object.fromEntries(missing));
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === ALREADY_EXISTS) return;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The search attributes could not be added (${why}). Run: ${searchAttributesCommand(namespace)}`);
  }
}
