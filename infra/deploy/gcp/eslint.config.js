import tseslint from 'typescript-eslint';

/** The rules of the repository that mean something here; its boundaries are about services. */
export default tseslint.config({ ignores: ['**/node_modules/', '*.js'] }, tseslint.configs.strictTypeChecked, {
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  rules: {
    '@typescript-eslint/switch-exhaustiveness-check': 'error',
    '@typescript-eslint/explicit-module-boundary-types': 'error',
    '@typescript-eslint/consistent-type-imports': 'error',
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    'no-console': 'error',
    // A Pulumi resource is declared by making it.
    'no-new': 'off',
  },
});
