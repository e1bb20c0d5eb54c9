import { stringify } from 'yaml';
import { asyncApi } from './asyncapi.ts';

/** The text of asyncapi.yaml. */
export function asyncApiText(): string {
  return stringify(asyncApi(), { aliasDuplicateObjects: false, lineWidth: 120, singleQuote: true });
}
