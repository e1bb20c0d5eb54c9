import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';
import { HttpCallError } from './http-call-error.ts';

const DECODERS = {
  gzip: promisify(unzip),
  'x-gzip': promisify(unzip),
  deflate: promisify(unzip),
  br: promisify(brotliDecompress),
} as const;

export const ACCEPTED_ENCODINGS = 'gzip, br';

/**
 * The text of an answer, inflated to at most `maxBytes`: what would become more is not inflated to its end.
 * @throws HttpCallError `unreadable`
 */
export async function readAnswer(body: Buffer, contentEncoding: string | undefined, maxBytes: number): Promise<string> {
  const bytes = await inflated(body, (contentEncoding ?? 'identity').trim().toLowerCase(), maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HttpCallError('unreadable', 'ANSWER_NOT_UTF8', 'the answer is not UTF-8');
  }
}

async function inflated(body: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  if (encoding === 'identity' || encoding === '' || body.length === 0) return body;
  if (!isKnown(encoding))
    throw new HttpCallError('unreadable', 'ANSWER_ENCODING', `the answer is encoded in a way that was not asked for`);
  try {
    return await DECODERS[encoding](body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(maxBytes);
    throw new HttpCallError('unreadable', 'ANSWER_ENCODING', `the answer cannot be decoded as ${encoding}`);
  }
}

export function tooLarge(maxBytes: number): HttpCallError {
  return new HttpCallError('unreadable', 'ANSWER_TOO_LARGE', `the answer is longer than ${maxBytes} bytes`);
}

function isKnown(encoding: string): encoding is keyof typeof DECODERS {
  return Object.hasOwn(DECODERS, encoding);
}
