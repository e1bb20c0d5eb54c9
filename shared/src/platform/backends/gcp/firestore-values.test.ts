import { describe, expect, test } from '@jest/globals';
import { Timestamp } from '@google-cloud/firestore';
import { ConflictError } from '../../ports/errors.ts';
import { fromDocumentId, toDocumentId } from './firestore-document-id.ts';
import { fromVersion, toVersion } from './firestore-version.ts';

describe('document ids on Firestore', () => {
  test.each(['.', '..', '__id__', '____', '%', '%2F', '%.', '%%', '%__id__', 'a', '__a', 'a__', '...', 'ä', '__\n__'])(
    '%j comes back as it was',
    (id) => {
      const documentId = toDocumentId(id);
      expect(fromDocumentId(documentId)).toBe(id);
      // https://cloud.google.com/firestore/quotas#collections_documents_and_fields
      expect(documentId).not.toMatch(/^(\.|\.\.|__.*__)$/s);
    },
  );

  test('no two ids become one', () => {
    const ids = ['.', '%.', '%%.', '..', '%..', '__a__', '%__a__', '%%__a__', '%', '%%'];
    expect(new Set(ids.map(toDocumentId)).size).toBe(ids.length);
  });
});

describe('versions on Firestore', () => {
  test.each([
    [1_763_716_155, 123_456_789],
    [1_763_716_155, 5],
    [1_763_716_155, 0],
  ])('%d s and %d ns come back to the last digit', (seconds, nanoseconds) => {
    expect(fromVersion(toVersion(new Timestamp(seconds, nanoseconds)))).toEqual({ seconds, nanos: nanoseconds });
  });

  test('a version of another store never matches', () => {
    for (const version of ['', '7', 'abc.1', '1.5', '1763716155.1234567890'])
      expect(() => fromVersion(version)).toThrow(ConflictError);
  });
});
