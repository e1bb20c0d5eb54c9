import type { Output } from '../output.ts';

/** Asks for one page after the other, and shows how far it is. */
export async function followPages<Page extends { readonly nextCursor?: string }>(
  label: string,
  output: Output,
  ask: (cursor: string | undefined) => Promise<Page>,
  countOf: (page: Page) => number,
): Promise<Page[]> {
  const pages: Page[] = [];
  const progress = output.progress(label);
  let done = 0;
  try {
    let cursor: string | undefined;
    do {
      const page = await ask(cursor);
      pages.push(page);
      done += countOf(page);
      progress.update(done);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  } finally {
    progress.stop();
  }
  return pages;
}
