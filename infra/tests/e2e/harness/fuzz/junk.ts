/** Draws for one input. */
export class Draw {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  one<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new Error('There is nothing to choose from');
    return choice;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

const cursor = (text: string): string => Buffer.from(text).toString('base64url');

/** Texts that something in a system like this one may trip over. */
export const TEXTS: readonly string[] = [
  ...[
    '',
    ' ',
    '\t',
    '\u0000',
    'a\u0000b',
    '\ud800',
    'x\udfff',
    '\ufeff',
    '\uffff',
    '\u202e',
    '\r\nX: y',
    '\n',
    '\u2028',
    'é',
    'e\u0301',
    '😀',
    '👩‍👩‍👧‍👦',
    'Z\u0351\u036b\u0343',
  ],
  ...[
    'x'.repeat(50),
    'x'.repeat(100),
    'x'.repeat(101),
    'x'.repeat(512),
    'x'.repeat(999),
    'x'.repeat(1_000),
    'x'.repeat(5_000),
    '😀'.repeat(50),
    '😀'.repeat(51),
    'a\u0301'.repeat(2_000),
  ],
  ...[
    'null',
    'true',
    '0',
    '-0',
    '-1',
    '1',
    '1.5',
    '1e3',
    '1e999',
    'NaN',
    'Infinity',
    '0x10',
    '９',
    '20',
    '9007199254740993',
    '253402300799',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length'],
  ...[
    '../../etc/passwd',
    '..',
    '.',
    '/',
    '//',
    'C:\\x',
    '%00',
    '%2e%2e%2f',
    "' OR 1=1 --",
    '";DROP TABLE messages;--',
    '${7*7}',
    '{{7*7}}',
    '<script>alert(1)</script>',
    'javascript:alert(1)',
    '$where',
    '*',
    '%',
    '_',
  ],
  ...[
    '2026-02-30T00:00:00.000Z',
    '2026-01-01T00:00:00.000Z',
    '0000-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
    '2026-01-01T24:00:00.000Z',
    '+275760-09-13T00:00:00.000Z',
    '-271821-04-20T00:00:00.000Z',
    '2026-01-01',
    '1970-01-01T00:00:00.000Z',
  ],
  ...[
    '0b5c3f6e-3f41-4a53-9a52-7c4c1c2f7a10',
    '00000000-0000-0000-0000-000000000000',
    'https://t.me/+AbCdEfGhIjKlMnOp',
    'tg://join?invite=x',
    'http://127.0.0.1:1/',
    'file:///etc/passwd',
  ],
  ...[
    cursor('[]'),
    cursor('[1]'),
    cursor('["a"]'),
    cursor('["a","b"]'),
    cursor('[1e999,-1]'),
    cursor('{}'),
    cursor('null'),
    cursor('{"page":1e308,"cursor":"x"}'),
    cursor('\u0000'),
    cursor('[[[['),
    '===',
    'not base64 ä',
  ],
];

/** As JSON is written: some have no value in JavaScript. */
export const LITERALS: readonly string[] = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '1',
    '-1',
    '0.1',
    '1e308',
    '-1e308',
    '1e999',
    '-1e999',
    '5e-324',
    '9007199254740991',
    '9007199254740992',
    '-9007199254740993',
    '2147483648',
    '4294967296',
    '253402300799',
    '253402300800',
    '1e15',
    '123456789012345678901234567890',
  ],
  ...[
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '{"":0}',
    '[{}]',
    '{"constructor":{"prototype":{}}}',
    '{"toString":1}',
    '{"length":-1}',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
  ],
];

/** Not JSON, or hardly. */
export const TAILS: readonly (string | Buffer)[] = [
  '',
  ' ',
  '\n\n',
  ',',
  '}',
  ']',
  '{}',
  '\u0000',
  '//',
  Buffer.from([0xff]),
  Buffer.from([0xe2, 0x82]),
  Buffer.from([0xed, 0xa0, 0x80]),
];
