/** Documents and messages that an erasure has removed or emptied. */
export type Erased = Readonly<
  Record<'requests' | 'links' | 'joins' | 'unmatchedJoins' | 'ledgerEntries' | 'deadLetters' | 'messages', number>
>;

export const nothingErased: Erased = {
  requests: 0,
  links: 0,
  joins: 0,
  unmatchedJoins: 0,
  ledgerEntries: 0,
  deadLetters: 0,
  messages: 0,
};

export function sumErased(parts: readonly Erased[]): Erased {
  return parts.reduce(
    (a, b) => ({
      ...{
        requests: a.requests + b.requests,
        links: a.links + b.links,
        joins: a.joins + b.joins,
        unmatchedJoins: a.unmatchedJoins + b.unmatchedJoins,
      },
      ...{
        ledgerEntries: a.ledgerEntries + b.ledgerEntries,
        deadLetters: a.deadLetters + b.deadLetters,
        messages: a.messages + b.messages,
      },
    }),
    nothingErased,
  );
}
