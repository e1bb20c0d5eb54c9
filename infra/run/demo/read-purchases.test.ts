import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../ops/command-line/usage-error.ts';
import { readPurchaseFile, readPurchases } from './read-purchases.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-purchases-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'purchases.csv');
  await writeFile(path, content);
  return path;
}

const HEADER = 'userId,transactionId\n';

describe('what is read', () => {
  test('rows come with the line they stand on', () => {
    expect(readPurchases(`${HEADER}1,a\n2,b\n`)).toEqual({
      rows: [
        { line: 2, userId: '1', transactionId: 'a' },
        { line: 3, userId: '2', transactionId: 'b' },
      ],
      unreadable: [],
    });
  });

  test.each([
    ['Windows line ends', 'userId,transactionId\r\n1,a\r\n2,b\r\n'],
    ['old Macintosh line ends', 'userId,transactionId\r1,a\r2,b'],
    ['no line end after the last row', `${HEADER}1,a\n2,b`],
    ['quoted fields', '"userId","transactionId"\n"1","a"\n2,"b"\n'],
    ['blanks around fields', 'userId , transactionId\n1, a\n 2 ,"b" \n'],
    ['columns in another order, and more of them', 'note,transactionId,userId\nx,a,1\n"y, z",b,2\n'],
  ])('%s are fine', (_, text) => {
    const { rows, unreadable } = readPurchases(text);
    expect(rows.map(({ userId, transactionId }) => [userId, transactionId])).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ]);
    expect(unreadable).toEqual([]);
  });

  test('blank lines are passed over, and lines are still counted right', () => {
    expect(readPurchases(`\n${HEADER}\n1,a\n   \n2,b\n\n`).rows.map(({ line }) => line)).toEqual([4, 6]);
  });

  test('a byte order mark is no part of the header', async () => {
    const { rows } = await readPurchaseFile(await fileOf(`\uFEFF${HEADER}1,a\n`));
    expect(rows).toHaveLength(1);
  });

  test('commas, doubled quotes and the text of other columns may be quoted, line breaks too', () => {
    const { rows, unreadable } = readPurchases(
      'userId,transactionId,note\n"a,b","say ""hi""","first\nsecond"\n2,b,c\n',
    );
    expect(rows).toEqual([
      { line: 2, userId: 'a,b', transactionId: 'say "hi"' },
      { line: 4, userId: '2', transactionId: 'b' },
    ]);
    expect(unreadable).toEqual([]);
  });

  test('the longest ids that intake takes are taken, counted as WebEngage counts', () => {
    const { rows, unreadable } = readPurchases(`${HEADER}${'😀'.repeat(50)},${'t'.repeat(999)}\n7,\n`);
    expect(rows).toHaveLength(2);
    expect(unreadable).toEqual([]);
  });

  test('the sample has some hundred rows, a few repeats and nothing unreadable', async () => {
    const { rows, unreadable } = await readPurchaseFile(
      fileURLToPath(new URL('sample-purchases.csv', import.meta.url)),
    );
    const withId = rows.filter(({ transactionId }) => transactionId !== '');
    const different = new Set(withId.map(({ userId, transactionId }) => `${userId},${transactionId}`)).size;
    expect(unreadable).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(200);
    expect(withId.length - different).toBeGreaterThanOrEqual(3);
  });
});

describe('what is reported, while the good lines around it go through', () => {
  test.each([
    ['too few columns', '1', '1 columns where the header has 2'],
    ['too many columns', '1,a,x', '3 columns where the header has 2'],
    ['an empty userId', ',a', 'userId is empty'],
    ['a blank userId', '" ",a', 'userId is empty'],
    ['a userId over 100 UTF-16 units', `${'😀'.repeat(51)},a`, 'userId has 102 characters, at most 100 are allowed'],
    ['a userId over 100 characters', `${'u'.repeat(101)},a`, 'userId has 101 characters, at most 100 are allowed'],
    [
      'a transactionId over 999 characters',
      `1,${'t'.repeat(1_000)}`,
      'transactionId has 1000 characters, at most 999 are allowed',
    ],
    ['a quote that is not closed', '"1,a', 'a quote is opened and not closed'],
    [
      'a quote inside a plain field',
      '1,a"b',
      'a quote is in the wrong place; quote the whole field and double the quotes inside',
    ],
    [
      'text after a closing quote',
      '"1"x,a',
      'a quote is in the wrong place; quote the whole field and double the quotes inside',
    ],
    ['a NUL character', '1,a\0b', 'it holds a NUL character'],
  ])('%s', (_, bad, reason) => {
    expect(readPurchases(`${HEADER}1,before\n${bad}\n2,after\n"3","quoted"\n`)).toEqual({
      rows: [
        { line: 2, userId: '1', transactionId: 'before' },
        { line: 4, userId: '2', transactionId: 'after' },
        { line: 5, userId: '3', transactionId: 'quoted' },
      ],
      unreadable: [{ line: 3, reason }],
    });
  });

  test('a quote left open costs its own line only, even when a later stray one closes it', () => {
    const { rows, unreadable } = readPurchases(`${HEADER}1,"a\n2,b\n3,c"\n4,d\n`);
    expect(rows.map(({ line }) => line)).toEqual([3, 5]);
    expect(unreadable).toEqual([
      { line: 2, reason: 'a quote is opened and not closed' },
      { line: 4, reason: 'a quote is in the wrong place; quote the whole field and double the quotes inside' },
    ]);
  });
});

describe('a file that cannot be used is a usage error', () => {
  test.each([
    ['an empty file', '', 'The file is empty'],
    ['a file without a header', '1,a\n2,b\n', 'Line 1 must be a header'],
    ['a header that lacks a column', '\nuserId,txn\n1,a\n', 'Line 2 must be a header'],
    ['a header with a column twice', 'userId,transactionId,userId\n1,a,2\n', 'Line 1 must be a header'],
    ['a header with a broken quote', '"userId,transactionId\n1,a\n', 'Line 1 must be a header'],
    ['semicolons instead of commas', 'userId;transactionId\n1;a\n', 'Line 1 must be a header'],
  ])('%s', (_, text, message) => {
    expect(() => readPurchases(text)).toThrow(UsageError);
    expect(() => readPurchases(text)).toThrow(message);
  });

  test('a missing file', async () => {
    const reading = readPurchaseFile(join(folder, 'missing.csv'));
    await expect(reading).rejects.toThrow(UsageError);
    await expect(reading).rejects.toThrow('there is no such file');
  });

  test('text that is not UTF-8, as spreadsheets save it', async () => {
    const path = await fileOf(Buffer.from(`\uFEFF${HEADER}1,a\n`, 'utf16le'));
    await expect(readPurchaseFile(path)).rejects.toThrow('is not UTF-8 text');
  });
});
