import { expect, test } from '@jest/globals';
import { Type } from 'typebox';
import { seededRandom } from '../testing/seeded-random.ts';
import { defineCursor, InvalidCursorError } from './cursor.ts';

const Position = Type.Object({ step: Type.Integer({ minimum: 0, maximum: 3 }), after: Type.Optional(Type.String()) });
const cursor = defineCursor(Position);

test.each([{ step: 0 }, { step: 3, after: 'a/b?\u00e9\u{1f600}"' }])('%j comes back as it was', (position) => {
  const text = cursor.encode(position);
  expect(text).toMatch(/^[\w-]+$/);
  expect(cursor.decode(text)).toEqual(position);
});

test('a field that is undefined is left out', () => {
  expect(cursor.decode(cursor.encode({ step: 1, after: undefined }))).toEqual({ step: 1 });
});

// Somebody may go on, with a newer version, from a cursor that an older one gave.
test('it is JSON in base64url, as it has always been', () => {
  expect(cursor.encode({ step: 2, after: 'x' })).toBe('eyJzdGVwIjoyLCJhZnRlciI6IngifQ');
  expect(cursor.decode('eyJzdGVwIjoyLCJhZnRlciI6IngifQ')).toEqual({ step: 2, after: 'x' });
});

test.each(['', '{}', 'e30', 'bm9uc2Vuc2U', 'null', Buffer.from('{"step":4}').toString('base64url')])(
  '"%s" holds no such position, and is refused',
  (text) => {
    expect(() => cursor.decode(text)).toThrow(InvalidCursorError);
  },
);

test('of a cursor that was bent, what is accepted is a position', () => {
  const random = seededRandom(20_261_128);
  const good = Buffer.from(cursor.encode({ step: 1, after: 'document' }));
  for (let round = 0; round < 500; round += 1) {
    const bent = Buffer.from(good);
    bent[Math.floor(random() * bent.length)] = 33 + Math.floor(random() * 94);
    try {
      const { step } = cursor.decode(bent.toString());
      expect([0, 1, 2, 3]).toContain(step);
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidCursorError);
    }
  }
});
