/**
 * The layers of the house, and no circle of imports, not even of types. `npm run lint` runs it; ESLint's own rule
 * (eslint.config.js) holds who may import which outside package.
 */
const service = '^(intake-service|link-worker|join-tracker|event-emitter)/';
const test = '\\.(test|contract|faults)\\.ts$|/testing/';

/** The folders of the platform, the lowest first: each imports only lower ones. */
const floors = [
  'ports',
  'validation',
  'trace',
  'delivery',
  'config',
  'log',
  'lifecycle',
  'telemetry',
  'http-client',
  'http',
  'backends',
  'service',
];
const floorRules = floors.slice(0, -1).map((folder, index) => ({
  name: `platform-floor-of-${folder}`,
  comment: 'A folder of the platform imports only folders below it.',
  severity: 'error',
  from: { path: `^shared/src/platform/${folder}/`, pathNot: test },
  to: { path: `^shared/src/platform/(${floors.slice(index + 1).join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...floorRules,
    {
      name: 'no-circle',
      comment: 'Two files that import each other are one file in two places; types count.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'platform-knows-no-business',
      comment: 'platform is how anything runs: it is told what the model and the topology are.',
      severity: 'error',
      from: { path: '^shared/src/platform/', pathNot: test },
      to: { path: '^shared/src/(?!platform/)' },
    },
    {
      name: 'model-is-pure',
      comment: 'The model is data and transitions. Of platform it knows ports, definitions and validation.',
      severity: 'error',
      from: { path: '^shared/src/model/', pathNot: test },
      to: {
        path: '^shared/src/',
        pathNot: '^shared/src/(model/|platform/(ports|delivery|validation))',
      },
    },
    {
      name: 'services-meet-over-the-bus',
      comment: 'A service never imports another one.',
      severity: 'error',
      from: { path: service },
      to: { path: service, pathNot: '^$1/' },
    },
    {
      name: 'infra-is-outside',
      comment: 'infra runs, tests and deploys the services. None of them imports it.',
      severity: 'error',
      from: { path: `^shared/|${service}` },
      to: { path: '^infra/' },
    },
    {
      name: 'tests-are-imported-by-tests',
      comment: 'Production code imports neither a test nor what only tests need.',
      severity: 'error',
      from: { pathNot: `${test}|^infra/` },
      to: { path: test, pathNot: 'node_modules' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^infra/(deploy/gcp|bench/peers)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
};
