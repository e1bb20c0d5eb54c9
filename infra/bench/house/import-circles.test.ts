import { expect, test } from '@jest/globals';
import { importCircles } from './import-circles.ts';
import type { SourceFile } from './source-files.ts';

function file(path: string, text: string): SourceFile {
  return { path, text, lines: text.split('\n') };
}

test('a circle of types, over packages too, is found; a chain and what is outside are none', () => {
  const files = [
    file('shared/src/a.ts', `import type { B } from './b.ts';\nimport axios from 'axios';`),
    file('shared/src/b.ts', `export * from '../../link-worker/src/c.ts';`),
    file('link-worker/src/c.ts', `const a = await import('@paid-community/shared/a.ts');`),
    file('link-worker/src/d.ts', `import { a } from '@paid-community/shared/a.ts';`),
  ];
  expect(importCircles(files)).toEqual([['link-worker/src/c.ts', 'shared/src/a.ts', 'shared/src/b.ts']]);
});
