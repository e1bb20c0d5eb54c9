import { errorMessage } from '@paid-community/shared/platform/ports/errors.ts';
import pMap from 'p-map';
import { Type, type Static } from 'typebox';
import type { Written } from '@paid-community/shared/platform/validation/validator.ts';
import { communityField } from '../../communities/community-field.ts';
import { readRules } from '../../communities/read-community.ts';
import { defineOperation, type OperatorCall } from '../../http/operation.ts';
import { importPerson, tryImport } from './import-person.ts';
import { checkRow, ImportRow, planReader, type ImportInto } from './import-row.ts';

const CONCURRENCY = 10;
const outcomes = ['created', 'changed', 'unchanged', 'refused', 'failed'] as const;

const RowAnswer = Type.Object({
  line: Type.Integer(),
  outcome: Type.Enum(outcomes, {
    description:
      'unchanged = all of it was known; refused = it must be mended; failed = it was tried, and may be tried again',
  }),
  membershipId: Type.Optional(Type.String()),
  endsAt: Type.Optional(Type.String({ description: 'absent: no end' })),
  reason: Type.Optional(Type.String({ description: 'of what was refused or failed' })),
});
type RowOutcome = Written<Static<typeof RowAnswer>>;

export const importMemberships = defineOperation({
  action: 'memberships.import',
  method: 'POST',
  path: '/memberships/import',
  refusals: ['not_found'],
  summary:
    'People who are inside already get a membership, with a plan or an end, and are removed when it is over as everybody else. The same rows again change nothing; a row with another end replaces what an import gave.',
  input: Type.Object(
    {
      ...communityField,
      rows: Type.Array(ImportRow, { minItems: 1, maxItems: 100, description: 'in pieces of a list' }),
      dryRun: Type.Optional(Type.Boolean({ description: 'only say what would become of each row' })),
      allowEnded: Type.Optional(
        Type.Boolean({ description: 'also rows whose end is past: these people are to be removed' }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object({ rows: Type.Array(RowAnswer) }),
  logged: ({ communityId, dryRun, allowEnded }, answer) => ({
    communityId,
    dryRun,
    allowEnded,
    ...Object.fromEntries(
      outcomes.map((outcome) => [outcome, answer?.rows.filter((row) => row.outcome === outcome).length]),
    ),
  }),
  run: async ({ communityId, rows, dryRun = false, allowEnded = false }, call) => {
    const { timeZone } = await readRules(communityId, call.store);
    const into: ImportInto = {
      communityId,
      allowEnded,
      planOf: planReader(call.store),
      timeZone,
      nowMs: call.clock.now(),
    };
    return { rows: await pMap(rows, (row) => importRow(row, into, dryRun, call), { concurrency: CONCURRENCY }) };
  },
});

async function importRow(
  row: Static<typeof ImportRow>,
  into: ImportInto,
  dryRun: boolean,
  call: OperatorCall,
): Promise<RowOutcome> {
  const { line } = row;
  try {
    const person = await checkRow(row, into);
    if (typeof person === 'string') return { line, outcome: 'refused', reason: person };
    return {
      line,
      membershipId: person.membershipId,
      ...(await (dryRun ? tryImport : importPerson)(person, into.communityId, call)),
    };
  } catch (error) {
    return { line, outcome: 'failed', reason: errorMessage(error) };
  }
}
