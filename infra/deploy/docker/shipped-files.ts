import { basename } from 'node:path';

/**
 * Node takes no types from a package and runs no TypeScript in node_modules; the rest is for people. Licences travel
 * with the code.
 */
const UNUSED_IN_PACKAGES = /\.(?:[cm]?ts|map|md|markdown|flow)$/i;
const LICENCE = /^(?:licen[cs]e|copying|notice)/i;

/** Files of third-party packages. Folders named test or docs stay: some packages load theirs. */
export function isShippedFromPackage(path: string): boolean {
  const name = basename(path);
  return name !== 'node_modules' && (LICENCE.test(name) || !UNUSED_IN_PACKAGES.test(name));
}

const TEST_CODE = /(?:\.(?:test|faults)\.ts|\.contract\.ts|\/testing|\/testing-[a-z-]+\.ts)$/;

/** Files of our own workspaces: all of the code but that of the tests. */
export function isShippedFromWorkspace(path: string): boolean {
  return basename(path) !== 'node_modules' && !TEST_CODE.test(path);
}
