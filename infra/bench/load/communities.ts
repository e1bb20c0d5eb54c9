/** The communities of a run, besides `default`: number `index` always has this id, and this chat. */
export function communityIdOf(index: number): string {
  return `c${String(index).padStart(4, '0')}`;
}

export function chatOfCommunity(index: number): number {
  return -1_002_000_000_000 - index;
}
