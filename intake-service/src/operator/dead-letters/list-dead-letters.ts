import { Type } from 'typebox';
import { DeadLetterSummary, letterFilter, lettersMatching, summarize } from './dead-letter-answers.ts';
import { defineOperation } from '../http/operation.ts';
import { pageFields } from '../http/page-fields.ts';

export const listDeadLetters = defineOperation({
  action: 'dead-letters.list',
  method: 'GET',
  path: '/dead-letters',
  summary: 'Dead letters, newest first, a page at a time.',
  input: Type.Object({ ...letterFilter, ...pageFields }, { additionalProperties: false }),
  answer: Type.Object({
    deadLetters: Type.Array(DeadLetterSummary),
    total: Type.Optional(
      Type.Integer({ description: 'how many match, on all pages; absent where times are asked for' }),
    ),
    nextCursor: Type.Optional(Type.String()),
  }),
  logged: ({ status, source, code, since, until }, answer) => ({
    status,
    source,
    code,
    since,
    until,
    found: answer?.deadLetters.length,
  }),
  run: async ({ limit = 50, cursor, ...filter }, { store }) => {
    const query = lettersMatching(filter);
    const [{ documents, nextCursor }, total] = await Promise.all([
      store.query({ ...query, limit, cursor }),
      filter.since === undefined && filter.until === undefined ? store.count(query) : undefined,
    ]);
    return { deadLetters: documents.map(summarize), total, nextCursor };
  },
});
