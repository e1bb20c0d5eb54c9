import { LITERALS, TAILS, TEXTS, type Draw } from './junk.ts';

/** A value on its way into JSON; a literal is written as it is. */
class Literal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * The JSON of a valid value with some of it bent: types, depth, sizes, texts, numbers, keys, and at times its bytes.
 */
export function bentJson(valid: unknown, draw: Draw): Buffer {
  let value = valid;
  for (let bends = draw.below(4); bends > 0; bends -= 1) value = bend(value, draw);
  const bytes = Buffer.from(write(value));
  return draw.chance(0.1) ? bendBytes(bytes, draw) : bytes;
}

function bend(value: unknown, draw: Draw): unknown {
  if (value instanceof Literal) return value;
  // Mostly further inside, where a schema looks less closely.
  if (Array.isArray(value) && value.length > 0 && draw.chance(0.7)) {
    const at = draw.below(value.length);
    return value.map((element: unknown, index) => (index === at ? bend(element, draw) : element));
  }
  if (isObject(value) && draw.chance(0.85)) return bendObject(value, draw);
  return junk(draw);
}

function bendObject(value: Readonly<Record<string, unknown>>, draw: Draw): unknown {
  const entries = Object.entries(value);
  const at = draw.below(Math.max(1, entries.length));
  switch (draw.below(6)) {
    case 0:
      return Object.fromEntries(entries.filter((_, index) => index !== at));
    case 1:
      return { ...value, [draw.one(TEXTS)]: junk(draw) };
    case 2:
      return new Literal(`{"__proto__":${write(junk(draw))},${write(value).slice(1)}`);
    case 3:
      // The same key twice: the last one counts.
      return entries.length === 0
        ? value
        : new Literal(`${write(value).slice(0, -1)},${JSON.stringify(entries[at]?.[0])}:${write(junk(draw))}}`);
    default:
      return Object.fromEntries(entries.map(([key, inner], index) => [key, index === at ? bend(inner, draw) : inner]));
  }
}

function junk(draw: Draw): unknown {
  switch (draw.below(12)) {
    case 0: {
      const depth = draw.one([5, 50, 500, 5_000]);
      return new Literal(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    }
    case 1: {
      const depth = draw.one([5, 50, 500]);
      return new Literal(`${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`);
    }
    case 2:
      return Array.from({ length: draw.one([1, 21, 101, 1_000]) }, (_, index) => index);
    case 3:
      return Object.fromEntries(Array.from({ length: draw.one([1, 30, 1_000]) }, (_, index) => [`k${index}`, index]));
    case 4:
    case 5:
    case 6:
    case 7:
      return draw.one(TEXTS);
    default:
      return new Literal(draw.one(LITERALS));
  }
}

function bendBytes(bytes: Buffer, draw: Draw): Buffer {
  switch (draw.below(5)) {
    case 0:
      return bytes.subarray(0, draw.below(bytes.length + 1));
    case 1:
      return Buffer.concat([bytes, Buffer.from(draw.one(TAILS))]);
    case 2:
      return Buffer.concat([Buffer.from(draw.one(['\ufeff', ' ', '\ufeff\ufeff', '\u0000', ")]}'\n"])), bytes]);
    case 3: {
      const bent = Buffer.from(bytes);
      for (let changes = draw.below(4); changes >= 0 && bent.length > 0; changes -= 1)
        bent[draw.below(bent.length)] = draw.below(256);
      return bent;
    }
    default:
      return Buffer.from(bytes.toString('utf8'), draw.one(['utf16le', 'latin1']));
  }
}

function write(value: unknown): string {
  if (value instanceof Literal) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, inner]) => `${JSON.stringify(key)}:${write(inner)}`)
      .join(',')}}`;
  return value === undefined ? 'null' : JSON.stringify(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Literal);
}
