import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';
import pLimit from 'p-limit';
import { HttpError } from './http-error.ts';
import { payloadTooLarge } from './read-bytes.ts';

type Decode = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const inflate = promisify<Buffer, { readonly maxOutputLength: number }, Buffer>(unzip);

/** x-gzip is gzip: https://www.rfc-editor.org/rfc/rfc9110.html#section-8.4.1.3 */
const decoders: Readonly<Record<string, Decode>> = {
  gzip: inflate,
  'x-gzip': inflate,
  deflate: inflate,
  br: promisify<Buffer, { readonly maxOutputLength: number }, Buffer>(brotliDecompress),
};

/** Each has memory of its own outside of the heap, up to some megabytes, and they take turns on four threads anyway. */
const limitInflations = pLimit(8);

/** Nobody packs a body more often; each coding is a turn of work. */
const MOST_CODINGS = 4;

/**
 * The steps that undo the codings of a Content-Encoding header, in the order in which they are taken. Names of any
 * case, several of them, and `identity`, which does nothing: https://www.rfc-editor.org/rfc/rfc9110.html#section-8.4
 * @throws HttpError unsupported_media_type
 */
export function decodingSteps(header: string | undefined): readonly Decode[] {
  if (header === undefined) return [];
  const names = header.split(',').map((name) => name.trim().toLowerCase());
  const codings = names.filter((name) => name !== 'identity' && name !== '');
  const steps = codings.flatMap((name) => (Object.hasOwn(decoders, name) ? [decoders[name] ?? inflate] : []));
  if (steps.length < codings.length || steps.length > MOST_CODINGS) {
    throw new HttpError(
      'unsupported_media_type',
      `Content-Encoding must be identity, ${Object.keys(decoders).join(', ')}, or at most ${MOST_CODINGS} of them`,
    );
  }
  return steps.reverse();
}

/**
 * The body without its codings. It is whole when this begins, and small: the work ends by itself, also when its caller
 * has gone.
 * @throws HttpError payload_too_large when a step would bring more than `maxBytes`; invalid_request when the bytes are
 * not what the header says.
 */
export async function decode(bytes: Buffer, steps: readonly Decode[], maxBytes: number): Promise<Buffer> {
  let decoded = bytes;
  for (const step of steps) {
    try {
      const packed = decoded;
      decoded = await limitInflations(() => step(packed, { maxOutputLength: maxBytes }));
    } catch (error) {
      if (isTooLarge(error)) throw payloadTooLarge(maxBytes);
      throw new HttpError('invalid_request', 'The body is not encoded as Content-Encoding says');
    }
  }
  return decoded;
}

/** https://nodejs.org/api/errors.html#err_buffer_too_large */
function isTooLarge(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
