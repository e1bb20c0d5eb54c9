import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const FOLDER = new URL('../../../.github/workflows/', import.meta.url);
const uses = readdirSync(FOLDER).flatMap((file) =>
  [...readFileSync(new URL(file, FOLDER), 'utf8').matchAll(/^\s*(?:- )?uses: *(.+)$/gm)].map(
    (match) => [file, match[1] ?? ''] as const,
  ),
);

describe('the workflows', () => {
  test('there are some that use actions', () => {
    expect(uses.length).toBeGreaterThan(5);
  });

  test.each(uses)(
    '%s takes %s as it was when it was looked at: a tag can be moved, a commit cannot',
    (_file, action) => {
      expect(action).toMatch(/^(\.\/\.github\/workflows\/[a-z-]+\.yml|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
    },
  );
});
