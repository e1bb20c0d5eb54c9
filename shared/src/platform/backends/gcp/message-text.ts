import { isUtf8 } from 'node:buffer';

/**
 * The data of a message as the port has it. Bytes that are no UTF-8 come as their base64, which is no event: they are
 * parked with the dead letters as they were, where decoding by force might make an event of them, and one person of
 * two.
 */
export function messageText(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'base64');
}
