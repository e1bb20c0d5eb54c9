import { deadLetters } from '@paid-community/shared/model/operations/dead-letter.ts';
import { HttpError } from '@paid-community/shared/platform/http/http-error.ts';
import { Type } from 'typebox';
import { DeadLetterDetails, detail } from './dead-letter-answers.ts';
import { defineOperation } from '../http/operation.ts';

export const showDeadLetter = defineOperation({
  action: 'dead-letters.show',
  method: 'GET',
  path: '/dead-letters/:id',
  refusals: ['not_found'],
  summary: 'One dead letter: the message, why and how often it failed, and what operators did about it.',
  input: Type.Object({ id: Type.String({ description: 'as the list shows it' }) }, { additionalProperties: false }),
  answer: Type.Object({ deadLetter: DeadLetterDetails }),
  logged: ({ id }) => ({ id }),
  run: async ({ id }, { store }) => {
    const letter = await store.get(deadLetters, id);
    if (letter === undefined) throw new HttpError('not_found', 'There is no such dead letter');
    return { deadLetter: detail(letter) };
  },
});
