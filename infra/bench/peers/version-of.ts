import { readFileSync } from 'node:fs';

/** The version that is installed, not the one that is wished for. */
export function versionOf(name: string): string {
  const described = JSON.parse(
    readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url), 'utf8'),
  ) as { readonly version: string };
  return `${name} ${described.version}`;
}
