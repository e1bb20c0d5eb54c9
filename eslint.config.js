import tseslint from 'typescript-eslint';
import { madeElsewhere } from './eslint.made-by-model.js';

const services = ['intake-service', 'link-worker', 'join-tracker', 'event-emitter'];

/** Who may import what, in one place. `allowed` names the folders that own the import. */
const ownedImports = [
  { module: 'node:sqlite', allowed: ['shared/src/platform/backends/embedded/'] },
  { module: 'axios', allowed: ['shared/src/platform/http-client/'] },
  { module: 'p-retry', allowed: ['shared/src/platform/http-client/'] },
  { module: '@google-cloud/pubsub', allowed: ['shared/src/platform/backends/gcp/'] },
  { module: '@google-cloud/firestore', allowed: ['shared/src/platform/backends/gcp/'] },
  { module: '@google-cloud/tasks', allowed: ['shared/src/platform/backends/gcp/', 'infra/run/cloud-tasks-emulator/'] },
  { module: 'google-gax', allowed: ['shared/src/platform/backends/gcp/'] },
  { module: 'google-auth-library', allowed: ['shared/src/platform/backends/gcp/'] },
];

const boundaries = {
  meta: { type: 'problem', schema: [], messages: { foreign: '{{ module }} may be imported only in {{ allowed }}.' } },
  create(context) {
    const file = context.filename.slice(context.cwd.length + 1);
    const owner = services.find((service) => file.startsWith(`${service}/`));
    function check(node) {
      const module = node.source?.value;
      if (typeof module !== 'string') return;
      const foreignService = services.find(
        (service) => service !== owner && module.startsWith(`@paid-community/${service}`),
      );
      if (foreignService !== undefined && !file.startsWith('infra/')) {
        context.report({ node, messageId: 'foreign', data: { module, allowed: `${foreignService}/ and infra/` } });
      }
      if (
        (owner !== undefined || file.startsWith('shared/')) &&
        (module.includes('infra/') || module.startsWith('@paid-community/infra'))
      ) {
        context.report({ node, messageId: 'foreign', data: { module, allowed: 'infra/' } });
      }
      if (/^\.\.\/.*(shared|intake-service|link-worker|join-tracker|event-emitter)\//.test(module)) {
        context.report({
          node,
          messageId: 'foreign',
          data: { module, allowed: 'its own package; use @paid-community/… instead' },
        });
      }
      const rule = ownedImports.find((entry) => module === entry.module || module.startsWith(`${entry.module}/`));
      if (rule !== undefined && !rule.allowed.some((folder) => file.startsWith(folder))) {
        context.report({ node, messageId: 'foreign', data: { module, allowed: rule.allowed.join(', ') } });
      }
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

/** One thing in one place of the text: no declaration of several names at once, no object only to be spread. */
const unpacked = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { names: 'Declare each name by itself.', fields: 'Write the fields into the object itself.' },
  },
  create: (context) => ({
    'VariableDeclarator[id.type="ArrayPattern"][init.type="ArrayExpression"]': (node) =>
      context.report({ node, messageId: 'names' }),
    'ObjectExpression > SpreadElement > ObjectExpression': (node) => context.report({ node, messageId: 'fields' }),
  }),
};

/** What is done in one place only. */
const doneElsewhere = [
  {
    selector: ':matches(ForStatement, WhileStatement, DoWhileStatement) BinaryExpression[right.name="ConflictError"]',
    message: 'changeDocument reads, changes and writes again, and ends: platform/ports/conditional-writes.ts.',
  },
  {
    selector: 'CallExpression[callee.property.name="commit"] CallExpression[callee.name=/^(create|update)Document$/]',
    message: 'createIfAbsent and changeDocument write under a condition: platform/ports/conditional-writes.ts.',
  },
  {
    // A list of writes that is made elsewhere may hold anything.
    selector: 'CallExpression[callee.property.name="commit"] > Identifier.arguments',
    message: 'createIfAbsent and changeDocument write under a condition: platform/ports/conditional-writes.ts.',
  },
];

export default tseslint.config(
  // infra/bench/peers needs packages of its own and has a check of its own: npm run check:peers.
  { ignores: ['**/node_modules/', 'infra/deploy/gcp/', 'infra/bench/peers/', '*.js'] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { project: { rules: { boundaries, unpacked, 'made-elsewhere': madeElsewhere } } },
    rules: {
      'project/boundaries': 'error',
      'project/unpacked': 'error',
      'no-nested-ternary': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the environment in a config file only.' },
        { object: 'Date', property: 'now', message: 'Take the time from the clock port.' },
        { object: 'Math', property: 'random', message: 'Take random numbers where they are named (node:crypto).' },
      ],
    },
  },
  {
    files: ['{intake-service,link-worker,join-tracker,event-emitter,shared}/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.faults.ts', '**/testing/**', 'shared/src/{model,platform}/**'],
    rules: { 'no-restricted-syntax': ['error', ...doneElsewhere], 'project/made-elsewhere': 'error' },
  },
  { files: ['**/config.ts', 'infra/run/local/settings.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['shared/src/platform/lifecycle/system-clock.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    // Tools around the system talk to a terminal and pass their environment on to child processes.
    files: ['**/*.test.ts', '**/*.faults.ts', '**/testing/**', 'infra/**'],
    ignores: ['infra/run/local/{main,start-local}.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-console': 'off' },
  },
);
