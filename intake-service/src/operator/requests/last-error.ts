import { Type } from 'typebox';

/** Why the last attempt of a request failed. */
export const LastError = Type.Object({
  code: Type.String(),
  message: Type.String({ description: 'the words of the other side, or why there was no answer' }),
  meaning: Type.Optional(Type.String({ description: 'what it means, where it is a known error' })),
  advice: Type.Optional(Type.String({ description: 'what to do, and who' })),
});
