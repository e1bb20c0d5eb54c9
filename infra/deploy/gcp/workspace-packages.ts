import { registerHooks } from 'node:module';

/**
 * Finds the packages of this repository by their folders, so that the program needs no `npm ci` but its own. Import it
 * before anything that imports them.
 */
registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const [, folder, path] = /^@paid-community\/([^/]+)\/(.+)$/.exec(specifier) ?? [];
    return nextResolve(
      folder === undefined || path === undefined
        ? specifier
        : new URL(`../../../${folder}/src/${path}`, import.meta.url).href,
      context,
    );
  },
});
