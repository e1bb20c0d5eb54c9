import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { errorsPage } from '@paid-community/shared/outside-errors/errors-page.ts';

test('docs/errors.md is what the table of known errors says (to write it anew: npx node infra/deploy/generated/errors/write-errors-page.ts)', () => {
  expect(readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')).toBe(errorsPage());
});
