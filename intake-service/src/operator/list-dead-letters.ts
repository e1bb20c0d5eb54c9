import { deadLetters } from '@paid-community/shared/documents/dead-letters.ts';
import { Type } from 'typebox';
import { defineOperation } from './operation.ts';
import { DeadLetterSummary, letterFilter, summarize, whereOf } from './dead-letter-answers.ts';
import { pageFields } from './page-fields.ts';

export const listDeadLetters = defineOperation({
  action: 'dead-letters.list',
  method: 'GET',
  path: '/dead-letters',
  summary: 'Dead letters, newest first, a page at a time.',
  input: Type.Object({ ...letterFilter, ...pageFields }, { additionalProperties: false }),
  answer: Type.Object({ deadLetters: Type.Array(DeadLetterSummary), nextCursor: Type.Optional(Type.String()) }),
  logged: ({ status, source, code }, answer) => ({ status, source, code, found: answer?.deadLetters.length }),
  run: async ({ limit = 50, cursor, ...filter }, { documentStore }) => {
    const { documents, nextCursor } = await documentStore.query({
      collection: deadLetters,
      where: whereOf(filter),
      orderBy: { field: 'lastAt', direction: 'descending' },
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { deadLetters: documents.map(summarize), nextCursor };
  },
});
