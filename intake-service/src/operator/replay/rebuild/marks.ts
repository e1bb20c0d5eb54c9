import { rebuildMarks } from '@paid-community/shared/model/operations/rebuild-mark.ts';
import { createIfAbsent } from '@paid-community/shared/platform/ports/conditional-writes.ts';
import type { OperatorDeps } from '../../http/operation.ts';

/** A rebuild takes minutes; its marks are of no use after it. */
const MARK_LIFE_MS = 24 * 3_600_000;

type MarkKind = 'waiting' | 'has-link';

/** What one page of a rebuild has to tell the later ones, however many processes answer them. */
export class Marks {
  readonly #rebuild: string;
  readonly #deps: Pick<OperatorDeps, 'store' | 'clock'>;

  constructor(rebuild: string, deps: Pick<OperatorDeps, 'store' | 'clock'>) {
    this.#rebuild = rebuild;
    this.#deps = deps;
  }

  async set(kind: MarkKind, id: string): Promise<void> {
    const { store, clock } = this.#deps;
    const expiresAt = new Date(clock.now() + MARK_LIFE_MS).toISOString();
    await createIfAbsent(store, rebuildMarks, this.#idOf(kind, id), { kind, id, expiresAt });
  }

  async has(kind: MarkKind, id: string): Promise<boolean> {
    return (await this.#deps.store.get(rebuildMarks, this.#idOf(kind, id))) !== undefined;
  }

  #idOf(kind: MarkKind, id: string): string {
    return `${this.#rebuild}.${kind}.${id}`;
  }
}
