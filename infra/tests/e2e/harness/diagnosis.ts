import { expect } from '@jest/globals';
import { callOperator } from './communities.ts';
import { ops } from './ops.ts';
import type { World } from './world.ts';

export interface Line {
  readonly service: string;
  readonly check: string;
  readonly state: string;
  readonly meaning: string;
  readonly advice?: string;
  readonly since?: string;
}

export interface Diagnosis {
  readonly healthy: boolean;
  readonly fixed?: string;
  readonly lines: readonly Line[];
}

/** As a program asks. */
export async function health(world: Pick<World, 'url'>): Promise<Diagnosis> {
  const answer = await callOperator(world, 'GET', '/health');
  expect(answer).toMatchObject({ status: 200, json: { ok: true } });
  return answer.json as Diagnosis;
}

/** As an operator asks. */
export async function doctor(
  world: Pick<World, 'url'>,
  ...args: readonly string[]
): Promise<Diagnosis & { readonly code: number | null }> {
  const { code, json, stderr } = await ops(world, ['doctor', '--json', ...args]);
  if (json === undefined) throw new Error(`doctor printed no JSON: ${stderr}`);
  return { code, ...(json as Diagnosis) };
}

export function lineOf({ lines }: Diagnosis, check: string): Line | undefined {
  return lines.find((line) => line.check === check);
}

/** Checks that are not ok, with their states; that no update has come yet is normal. */
export function badOf({ lines }: Diagnosis): Readonly<Record<string, string>> {
  return Object.fromEntries(
    lines
      .filter(({ check, state }) => state !== 'ok' && check !== 'last_update')
      .map(({ check, state }) => [check, state]),
  );
}
