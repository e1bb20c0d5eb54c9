/** Errors count too, those of Node's core under jest as well, which `instanceof Error` does not know. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
