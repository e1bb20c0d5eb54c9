import root from '../../../eslint.config.js';

/**
 * The rules of the whole repository, for the one folder that its own run leaves out: it needs packages that are not
 * installed there.
 */
export default [
  ...root.filter((entry) => entry.ignores === undefined || entry.files !== undefined),
  { ignores: ['**/node_modules/', '**/*.js'] },
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  { rules: { 'no-restricted-properties': 'off', 'no-console': 'off' } },
];
