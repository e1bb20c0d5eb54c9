/** The least first. */
export class Heap<T> {
  readonly #items: { readonly at: number; readonly order: number; readonly item: T }[] = [];
  #pushed = 0;

  get nextAt(): number {
    return this.#items[0]?.at ?? Infinity;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Of equals, the one that came first is first. */
  push(at: number, item: T): void {
    const items = this.#items;
    const entry = { at, order: (this.#pushed += 1), item };
    let index = items.length;
    items.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      items[index] = above;
      index = parent;
    }
    items[index] = entry;
  }

  pop(): T | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first?.item;
    let index = 0;
    for (;;) {
      const left = items[2 * index + 1];
      const right = items[2 * index + 2];
      const isRight = right !== undefined && left !== undefined && isBefore(right, left);
      const least = isRight ? right : left;
      if (least === undefined || !isBefore(least, last)) break;
      items[index] = least;
      index = 2 * index + (isRight ? 2 : 1);
    }
    items[index] = last;
    return first.item;
  }
}

interface Entry {
  readonly at: number;
  readonly order: number;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
