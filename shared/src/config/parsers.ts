// Texts of environment variables into values. Error messages complete the sentence "NAME …" and never quote the text.

export function text(): (input: string) => string {
  return (input) => input;
}

export function matching(pattern: RegExp, wanted: string): (input: string) => string {
  return (input) => {
    if (!pattern.test(input)) throw new Error(`must be ${wanted}`);
    return input;
  };
}

/** Comma-separated; every part must match. */
export function listMatching(pattern: RegExp, wanted: string): (input: string) => readonly string[] {
  return (input) => {
    const parts = input.split(',').map((part) => part.trim());
    if (!parts.every((part) => pattern.test(part))) throw new Error(`must be a comma-separated list, each part ${wanted}`);
    return parts;
  };
}

export function integer(minimum: number, maximum: number): (input: string) => number {
  return (input) => {
    const value = Number(input);
    if (!/^-?\d+$/.test(input) || value < minimum || value > maximum) throw new Error(`must be a whole number from ${minimum} to ${maximum}`);
    return value;
  };
}

export function number(minimum: number, maximum: number): (input: string) => number {
  return (input) => {
    const value = Number(input);
    if (!/^\d+(\.\d+)?$/.test(input) || value < minimum || value > maximum) throw new Error(`must be a number from ${minimum} to ${maximum}`);
    return value;
  };
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]): (input: string) => Choice {
  return (input) => {
    const choice = choices.find((candidate) => candidate === input);
    if (choice === undefined) throw new Error(`must be one of: ${choices.join(', ')}`);
    return choice;
  };
}

/** An http or https URL without query or fragment; a slash at the end is dropped, so that paths can be added. */
export function rootUrl(...protocols: readonly ('http:' | 'https:')[]): (input: string) => string {
  return (input) => {
    const wanted = `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')} and has no query`;
    if (!URL.canParse(input)) throw new Error(wanted);
    const url = new URL(input);
    if (!protocols.some((protocol) => protocol === url.protocol) || url.search !== '' || url.hash !== '') throw new Error(wanted);
    return input.replace(/\/+$/, '');
  };
}
